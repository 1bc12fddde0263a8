"""Alarms in the manner of ISA-18.2: what raises one, how it lives, how many become one."""
