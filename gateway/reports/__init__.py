"""Bulletins on the plan: one data object, and Word, Excel and PDF made from it."""
