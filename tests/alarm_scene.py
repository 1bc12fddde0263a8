"""Points with alarms, fed by hand: what a gateway would have sent, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contract import config_form
from contract.datatype import DataType, Value
from contract.quality import Quality
from contract.vocabulary import equipment, quantities
from contract.vocabulary.quantities import Kind
from gateway.alarm_config import Alarms, rulebook
from gateway.ingest.actions import Record
from gateway.ingest.node import MetricState, Node, NodeKey, Sample
from gateway.ingest.router import route
from gateway.live.alarm_points import AlarmPoints
from rules.alarms.alarm import Alarm, Policy
from rules.alarms.board import Board
from rules.alarms.rule import RuleFile
from rules.alarms.rulebook import Rulebook

MINE = "990000000001"
KINDS = {"F1": "mining_face", "C-FAN": "main_fan_house", "C-BELT": "main_belt"}
START_MS = 1_700_000_000_000
LIVE_AGE_MS = 60_000
TYPES = {Kind.NUMBER: DataType.DOUBLE, Kind.BOOLEAN: DataType.BOOLEAN, Kind.TEXT: DataType.STRING}


@dataclass
class Scene:
    """One gateway's points, the board they raise alarms on, and a clock in seconds from `START_MS`."""

    rules: str = ""
    kinds: Mapping[str, str] = field(default_factory=lambda: KINDS)
    board: Board = field(default_factory=lambda: Board(Policy()))
    points: AlarmPoints = field(init=False)
    node: Node = field(default_factory=lambda: Node(NodeKey(MINE, "gw-1"), online=True))
    states: dict[tuple[str, str], MetricState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The packs, and `rules` over them."""
        files = rulebook(Alarms()).files
        own = config_form.load(RuleFile, self.rules, "own.toml")
        self.points = AlarmPoints(
            Rulebook((*files, own)),
            self.board,
            lambda _mine, area: self.kinds.get(area, ""),
            LIVE_AGE_MS,
            lambda _mine, _gateway: not self.node.online,
        )

    def state(self, area: str, metric: str) -> MetricState:
        """A metric as its birth declared it."""
        if (area, metric) not in self.states:
            name = equipment.parse(metric)
            kind = quantities.BY_WORD[name.quantity].kind if name else Kind.NUMBER
            target = route(MINE, "gw-1", area, metric, TYPES[kind])
            self.states[area, metric] = MetricState(metric, TYPES[kind], target)
        return self.states[area, metric]

    def say(
        self,
        second: float,
        values: Mapping[str, Value | None],
        *,
        area: str = "F1",
        quality: Quality = Quality.GOOD,
        made: float | None = None,
    ) -> None:
        """Values that arrive at a second, made at another one if that is given."""
        at_ms = START_MS + round(1000 * (second if made is None else made))
        samples = [
            Sample(self.state(area, metric), at_ms, value, quality, False) for metric, value in values.items()
        ]
        self.points.take(Record(self.node.key, area, samples, None, None), self.node, ms(second))

    def tick(self, second: float) -> None:
        """Time goes on."""
        for _ in self.points.tick(ms(second) * 1000):
            pass
        for _ in self.points.look_for_silence(ms(second) * 1000):
            pass
        self.board.look(ms(second) * 1000)

    @property
    def open(self) -> list[Alarm]:
        """The open alarms."""
        return list(self.board.open(MINE))

    @property
    def only(self) -> Alarm:
        """The one open alarm."""
        (alarm,) = self.open
        return alarm


def ms(second: float) -> int:
    """A second as the centre's clock has it."""
    return START_MS + round(1000 * second)
