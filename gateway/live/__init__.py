"""The rules kept current: series in memory, judged again whenever something changed, and pushed to screens."""
