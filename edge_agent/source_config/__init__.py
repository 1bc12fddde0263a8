"""The sources of an agent as its config file has them, one module per protocol."""
