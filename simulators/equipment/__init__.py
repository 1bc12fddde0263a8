"""Machines of the virtual mine. Each is a function of time: its signals, and what they would read at an instant."""
