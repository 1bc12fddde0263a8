"""What an engineer needs to set an agent up: tables, single readings, and the decodings of registers."""
