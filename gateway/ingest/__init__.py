"""From MQTT to records: the host side of Sparkplug, and where each metric belongs."""
