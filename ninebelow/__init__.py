"""The command line, and the demo that puts every part together."""
