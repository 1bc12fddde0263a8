"""What makes the numbers in docs/performance.md, one command each."""
