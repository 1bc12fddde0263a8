"""Personnel-position files (MT/T 1201.3 and its forerunner): from bytes to headcounts; pure."""
