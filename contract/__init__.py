"""The wire: what the edge and the centre agree on. Pure; imports nothing of ours."""
