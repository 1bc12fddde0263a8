"""Metrics: name, alias, data type.

Aliases are read metric by metric, as the standard's own test kit reads them: a metric born with an alias goes by the
alias alone from then on; one born without, such as `Node Control/Rebirth`, goes by its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from contract.grading.clause import Clauses, Faults, each, every, must, should, some
from contract.grading.moment import BIRTHS, COMMANDS, DATA, Kind, Moment
from contract.grading.node import Metric
from contract.proto.sparkplug_b_pb2 import Payload

LAST_TYPE: Final = 34
"""Of the list of data types; 0 is a placeholder for none."""


def label(metric: Payload.Metric) -> str:
    """How a metric is called in words."""
    return repr(metric.name) if metric.name else f"of alias {metric.alias}"


def metrics(moment: Moment) -> Sequence[Payload.Metric]:
    """All of a message."""
    return moment.payload.metrics


def aliased(moment: Moment) -> list[Payload.Metric]:
    """Those with an alias."""
    return [metric for metric in moment.payload.metrics if metric.HasField("alias")]


def typed(moment: Moment) -> list[Payload.Metric]:
    """Those with a data type."""
    return [metric for metric in moment.payload.metrics if metric.HasField("datatype")]


def unidentified(metric: Payload.Metric) -> str:
    """It has neither name nor alias."""
    return "" if metric.name or metric.HasField("alias") else "a metric has neither name nor alias"


def unnamed(metric: Payload.Metric) -> str:
    """It has no name."""
    return "" if metric.name else f"alias {metric.alias} has no name beside it"


def untyped(metric: Payload.Metric) -> str:
    """It has no data type."""
    return "" if metric.HasField("datatype") else f"metric {label(metric)} without datatype"


def typed_again(metric: Payload.Metric) -> str:
    """It has one."""
    return f"metric {label(metric)} repeats its datatype" if metric.HasField("datatype") else ""


def of_no_type(metric: Payload.Metric) -> str:
    """Its data type is not in the standard's list."""
    if 1 <= metric.datatype <= LAST_TYPE:
        return ""
    return f"datatype {metric.datatype} of metric {label(metric)} is none of 1 to {LAST_TYPE}"


def has_own_alias(moment: Moment) -> Faults | None:
    """No alias of a birth stands for another metric of the node or its devices."""
    found = aliased(moment)
    return each(clashes(moment, found)) if found else None


def clashes(moment: Moment, found: list[Payload.Metric]) -> Iterator[str]:
    """Aliases taken already: within this birth, or by what was born before it in this session."""
    device = moment.address.device if moment.address else None
    taken: dict[int, Metric] = {}
    if moment.kind is Kind.DBIRTH and moment.node:
        taken = {alias: held for alias, held in moment.node.aliases.items() if held.device != device}
    for metric in found:
        other = taken.get(metric.alias)
        if other is not None:
            where = f" of {other.device}" if other.device else ""
            yield f"alias {metric.alias} of {metric.name!r} stands for {other.name!r}{where} already"
        taken[metric.alias] = Metric(metric.name, device, metric.alias, metric.datatype)


def by_alias_only(moment: Moment) -> Faults | None:
    """In data and commands a metric that was born with an alias has no name."""
    found = []
    for metric in moment.payload.metrics:
        declared = moment.declared(metric)
        if metric.HasField("alias") or (declared and declared.alias is not None):
            found.append(metric)
    named = (metric.name for metric in found if metric.name)
    return each(f"{name!r} goes by its name, though it has an alias" for name in named) if found else None


def unlike_each_other(moment: Moment) -> Faults | None:
    """No two metrics of a birth have the same name, or one that differs in case only."""
    names = [metric.name for metric in moment.payload.metrics if metric.name and not metric.is_historical]
    times = Counter(name.lower() for name in names)
    alike = (name for name in names if times[name.lower()] > 1)
    return each(f"{name!r} stands there again, if case is ignored" for name in alike) if names else None


ALL: Final = BIRTHS | DATA | COMMANDS

CLAUSES: Final[Clauses] = (
    *must({"payloads-name-requirement": "each metric has a name, unless it has an alias"},
          ALL, every(metrics, unidentified)),
    *must({"payloads-alias-uniqueness": "an alias stands for one metric of the whole edge node"},
          BIRTHS, has_own_alias),
    *must({"payloads-alias-birth-requirement": "in births an alias stands beside a name"},
          BIRTHS, every(aliased, unnamed)),
    *must({"payloads-alias-data-cmd-requirement": "in data and commands an alias stands without a name"},
          DATA | COMMANDS, by_alias_only),
    *must({"payloads-metric-datatype-req": "each metric of a birth has a datatype"},
          BIRTHS, every(metrics, untyped)),
    *should({"payloads-metric-datatype-not-req": "no metric of data or a command has a datatype"},
            DATA | COMMANDS, every(metrics, typed_again)),
    *must({"payloads-metric-datatype-value": "a datatype is one of the standard's"},
          ALL, every(typed, of_no_type)),
    *must({"payloads-metric-datatype-value-type": "a datatype is an unsigned 32-bit number"}, ALL, some(typed)),
    *should({"case-sensitivity-metric-names": "no two metric names are the same but for upper and lower case"},
            BIRTHS, unlike_each_other),
)  # fmt: skip
