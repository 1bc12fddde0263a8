"""The conservation test: numbered readings through agent, broker and collector into InfluxDB while things break."""
