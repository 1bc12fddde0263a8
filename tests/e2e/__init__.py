"""The demo from outside, as a person runs it."""
