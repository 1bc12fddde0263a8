"""What alarms cost the centre: 200 mines × 250 points, each a value a second, through the rules that ship.

`python -m benchmarks.alarms` prints CPU seconds per second of values (a share of one core), how long meeting all points
for the first time takes, and what it costs when everything alarms at once. No broker, no store: the alarms alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from contract.datatype import DataType, Value
from contract.point import Protocol
from contract.quality import Quality
from contract.vocabulary import equipment, quantities
from contract.vocabulary.quantities import Kind
from gateway.alarm_config import Alarms, rulebook
from gateway.ingest.actions import Record
from gateway.ingest.node import MetricState, Node, NodeKey, Sample
from gateway.ingest.router import route
from gateway.live.alarm_points import AlarmPoints
from rules.alarms.alarm import Policy
from rules.alarms.board import Board
from simulators import plant
from simulators.points import points as table

MINES, POINTS, SECONDS = 200, 250, 20
START_MS = 1_700_000_000_000
USUAL: dict[Kind, tuple[DataType, Value]] = {
    Kind.NUMBER: (DataType.DOUBLE, 0.5),
    Kind.BOOLEAN: (DataType.BOOLEAN, False),
    Kind.TEXT: (DataType.STRING, "normal"),
}
Fleet = list[tuple[Node, dict[str, list[tuple[MetricState, Value]]]]]


def fleet() -> Fleet:
    """The points of a virtual mine, that many times."""
    names = [(point.area, point.metric) for protocol in Protocol for point in table(protocol)][:POINTS]
    found: Fleet = []
    for number in range(MINES):
        key = NodeKey(f"m{number}", "gw")
        areas: dict[str, list[tuple[MetricState, Value]]] = {}
        for area, metric in names:
            name = equipment.parse(metric)
            assert name is not None
            kind, value = USUAL[quantities.BY_WORD[name.quantity].kind]
            state = MetricState(metric, kind, route(key.group, key.node, area, metric, kind))
            areas.setdefault(area, []).append((state, value))
        found.append((Node(key, online=True), areas))
    return found


def second(
    mines: Fleet, at_ms: int, changed: Callable[[MetricState, Value], Value]
) -> Iterator[tuple[Record, Node]]:
    """One value of every point."""
    for node, areas in mines:
        for area, points in areas.items():
            samples = [Sample(one, at_ms, changed(one, value), Quality.GOOD, False) for one, value in points]
            yield Record(node.key, area, samples, None, None), node


def cost(alarms: AlarmPoints, records: list[tuple[Record, Node]], now_ms: int) -> float:
    """CPU seconds to take these records and look around once."""
    began = time.process_time()
    for record, node in records:
        alarms.take(record, node, now_ms)
    list(alarms.tick(now_ms * 1000))
    alarms.board.look(now_ms * 1000)
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    kinds = {area.code: area.kind for area in (*plant.FACES, *plant.CHAMBERS)}
    alarms = AlarmPoints(
        rulebook(Alarms()),
        Board(Policy()),
        lambda _mine, area: kinds.get(area, ""),
        live_age_ms=60_000,
        is_away=lambda _mine, _gateway: False,
    )
    mines = fleet()

    def wavering(state: MetricState, value: Value) -> Value:
        return value + 0.001 * (at_s % 7) if type(value) is float and state.target.role is None else value

    def too_high(state: MetricState, value: Value) -> Value:
        return (3.0 if "Methane" in state.name else 150.0) if type(value) is float else value

    at_s = 0
    meeting = cost(alarms, list(second(mines, START_MS, wavering)), START_MS)
    costs = []
    for at_s in range(1, SECONDS + 1):
        now_ms = START_MS + 1000 * at_s
        costs.append(cost(alarms, list(second(mines, now_ms, wavering)), now_ms))
    now_ms += 1000
    flood = cost(alarms, list(second(mines, now_ms, too_high)), now_ms)
    flood += cost(alarms, [], now_ms + 600_000)  # every delay is over
    watched = sum(watch is not None and bool(watch.alarms) for watch in alarms.watches.values())
    print(
        json.dumps(
            {
                "values_per_s": MINES * POINTS,
                "points_with_alarms": watched,
                "core_share": round(sum(costs) / len(costs), 4),
                "core_share_worst_second": round(max(costs), 4),
                "first_meeting_s": round(meeting, 2),
                "flood_s": round(flood, 2),
                "alarms_open": sum(alarm.is_open for alarm in alarms.board.alarms.values()),
            }
        )
    )


if __name__ == "__main__":
    main()
