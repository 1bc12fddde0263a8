"""Who may see and do what: people, sessions, kiosk tokens, and the one table that says what each route needs."""
