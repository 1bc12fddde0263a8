"""Alembic: how the registry's database came to be what it is, version by version."""
