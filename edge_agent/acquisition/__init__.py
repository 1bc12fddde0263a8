"""From registers and nodes to readings; pure."""
