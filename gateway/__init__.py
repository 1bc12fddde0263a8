"""The centre: collector, historian, live trackers and the HTTP API."""
