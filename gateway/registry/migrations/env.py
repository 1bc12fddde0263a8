"""Runs the migrations over the connection that is handed in (`gateway.registry.schema`), within its transaction."""

from __future__ import annotations

from alembic import context

from gateway.registry.models import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
