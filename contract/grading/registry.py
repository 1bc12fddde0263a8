"""All 299 clauses of Sparkplug 3.0, each once."""

from __future__ import annotations

from typing import Final

from contract.grading import (
    births,
    commands,
    composites,
    edge_connection,
    host_connection,
    metrics,
    numbering,
    primary_host,
    sessions,
    state,
    templates,
    times,
    topics,
    transport,
    unjudged,
)
from contract.grading.clause import Clause

CLAUSES: Final[tuple[Clause, ...]] = tuple(
    sorted(
        (
            *topics.CLAUSES, *transport.CLAUSES, *numbering.CLAUSES, *sessions.CLAUSES, *births.CLAUSES,
            *metrics.CLAUSES, *times.CLAUSES, *composites.CLAUSES, *templates.CLAUSES, *commands.CLAUSES,
            *edge_connection.CLAUSES, *state.CLAUSES, *host_connection.CLAUSES, *primary_host.CLAUSES,
            *unjudged.CLAUSES,
        ),
        key=lambda clause: clause.id,
    )
)  # fmt: skip
