"""How fast staffing is judged."""
