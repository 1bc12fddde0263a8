"""HTTP: JSON under /api/v1, the live stream, metrics, and the console's files."""
