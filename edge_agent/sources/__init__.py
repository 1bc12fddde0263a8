"""One adapter per protocol. Every adapter only reads: no write function, no method call exists here."""
