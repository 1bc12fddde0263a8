"""The three-year plan: its table, where each unit stands against it, its targets and its rewards."""
