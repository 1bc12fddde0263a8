"""The words of the wire and the store: equipment, quantities with their units, and roles."""
