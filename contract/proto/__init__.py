"""The Sparkplug B payload, generated from sparkplug_b.proto by scripts/proto."""
