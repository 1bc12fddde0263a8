"""What is judged of faces, chambers and gateways as alarms: after their delays, from live rows only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from contract.datatype import DataType, Value
from contract.quality import Quality
from contract.vocabulary.roles import BY_METRIC
from gateway.config import Chamber, Face, GatewayConfig, Mine
from gateway.ingest.actions import DeviceChanged, LinkChanged, Record
from gateway.ingest.node import MetricState, Node, NodeKey, Sample
from gateway.ingest.router import route
from gateway.live.alarms import Alarms
from gateway.live.trackers import Trackers
from rules.alarms.alarm import Alarm, Priority, State
from rules.chambers.rule import Kind, Level
from rules.series import HOUR_US, MINUTE_US, SECOND_US

MINE = "m1"
KEY = NodeKey(MINE, "gw-1")
NOON_US = 1_646_107_200 * SECOND_US  # 2022-03-01T12:00+08:00, in the middle of a production shift
S, M, H = SECOND_US, MINUTE_US, HOUR_US
HEADCOUNT = "Personnel/Headcount"
WELL: dict[str, Value | None] = {
    "Control/Mode": "auto",
    "Video/Online": True,
    "Protection/Healthy": True,
    "Link/Healthy": True,
    "Control/Running": True,
    HEADCOUNT: 0,
}


def config() -> GatewayConfig:
    """A face and three chambers."""
    return GatewayConfig(
        mines=[
            Mine(
                code=MINE,
                name="示例一矿",
                faces=(Face(code="F1", name="采煤面", kind="mining_face", hazard="severe"),),
                chambers=(
                    Chamber(
                        code="C1",
                        name="水泵房",
                        kind=Kind.DRAINAGE_PUMP_ROOM,
                        door_required=True,
                        declared=Level.UNATTENDED,
                    ),
                    Chamber(code="C2", name="压风机", kind=Kind.UNDERGROUND_COMPRESSOR),
                    Chamber(code="C3", name="变电所", kind=Kind.CENTRAL_SUBSTATION),
                ),
            )
        ]
    )


@dataclass
class Centre:
    """Trackers and alarms as the gateway puts them together, on a clock in microseconds from noon."""

    trackers: Trackers = field(init=False)
    alarms: Alarms = field(init=False)
    node: Node = field(default_factory=lambda: Node(KEY, online=True))
    states: dict[tuple[str, str], MetricState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """One gateway, online."""
        self.trackers = Trackers.of(config())
        self.alarms = Alarms(config(), self.trackers, {KEY: self.node})

    def say(
        self, at_us: int, area: str, values: dict[str, Value | None], *, made_us: int | None = None
    ) -> None:
        """Values that arrive, and were made, at these instants; `None` is a stale mark."""
        when_ms = (NOON_US + (at_us if made_us is None else made_us)) // 1000
        samples = [
            Sample(
                self.state(area, metric),
                when_ms,
                value,
                Quality.GOOD if value is not None else Quality.STALE,
                False,
            )
            for metric, value in values.items()
        ]
        record = Record(KEY, area, samples, None, None)
        self.alarms.take(record, (NOON_US + at_us) // 1000)
        self.trackers.take(record, NOON_US + at_us)

    def state(self, area: str, metric: str) -> MetricState:
        """A metric as declared."""
        kind = DataType.STRING if metric == "Control/Mode" else DataType.DOUBLE
        return self.states.setdefault(
            (area, metric), MetricState(metric, kind, route(MINE, "gw-1", area, metric, kind))
        )

    def look(self, at_us: int, *areas: str) -> None:
        """Judge these areas and let time do its work."""
        for area in areas:
            self.trackers.judge((MINE, area), NOON_US + at_us)
            self.alarms.judged((MINE, area), NOON_US + at_us)
        for _ in self.alarms.tick(NOON_US + at_us):
            pass

    def open(self) -> dict[str, Alarm]:
        """The open alarms by code."""
        return {alarm.key.code: alarm for alarm in self.alarms.board.open(MINE)}


def keep(centre: Centre, from_us: int, to_us: int, area: str, **changed: Value | None) -> None:
    """Everything repeated each minute, judged each minute."""
    values = WELL | {METRIC[name]: value for name, value in changed.items()}
    for at_us in range(from_us, to_us + 1, M):
        centre.say(at_us, area, values)
        centre.look(at_us, area)


METRIC = {role.value: metric for metric, role in BY_METRIC.items()}


def test_over_staffing_is_raised_after_it_was_sustained() -> None:
    """A minute of ten people; a step above the law's limit asks again; back at nine it returns."""
    centre = Centre()
    centre.say(0, "F1", {HEADCOUNT: 10})
    centre.look(0, "F1")
    centre.look(59 * S, "F1")
    assert centre.open() == {}
    centre.look(60 * S)  # no judgement needed: time alone
    alarm = centre.open()["staffing"]
    assert (alarm.value, alarm.limit, alarm.priority) == (10, 9, Priority.HIGH)
    assert (alarm.words[0], alarm.definition.unit) == ("超员：超过规定上限", "人")
    centre.say(61 * S, "F1", {HEADCOUNT: 26})
    centre.look(61 * S, "F1")
    centre.look(121 * S, "F1")
    assert (centre.open()["staffing"].level, centre.open()["staffing"].priority) == (2, Priority.CRITICAL)
    centre.say(122 * S, "F1", {HEADCOUNT: 30})
    centre.look(122 * S, "F1")
    centre.look(182 * S, "F1")
    assert "重大隐患" in centre.open()["staffing"].words[0]
    centre.say(183 * S, "F1", {HEADCOUNT: 9})
    centre.look(183 * S, "F1")
    assert centre.open()["staffing"].state is State.RETURNED


def test_over_staffing_in_back_filled_rows_is_no_alarm() -> None:
    """The shift record says so; nobody is called for what was over long ago."""
    centre = Centre()
    for second in range(0, 301, 30):
        centre.say(600 * S, "F1", {HEADCOUNT: 15}, made_us=second * S)
    centre.look(600 * S, "F1")
    centre.look(700 * S, "F1")
    assert "staffing" not in centre.open()
    assert centre.trackers.mines[MINE].faces["F1"].now.state == "over"
    centre.say(701 * S, "F1", {HEADCOUNT: 15})
    centre.look(701 * S, "F1")
    centre.look(761 * S, "F1")
    assert "staffing" in centre.open()


def test_silence_does_not_clear_and_has_its_own_alarm() -> None:
    """The headcount goes stale: over-staffing stays, in doubt, and blindness is told after a minute."""
    centre = Centre()
    centre.say(0, "F1", {HEADCOUNT: 12})
    centre.look(0, "F1")
    centre.look(60 * S, "F1")
    centre.say(70 * S, "F1", {HEADCOUNT: None})
    centre.look(70 * S, "F1")
    assert (centre.open()["staffing"].level, centre.open()["staffing"].doubt) == (1, "stale")
    centre.look(130 * S, "F1")
    assert centre.open()["face_blind"].words[0] == "人数未知"


def test_a_lost_gateway_is_one_alarm_not_one_for_each_area() -> None:
    """After thirty seconds; blind faces and chambers behind it say nothing, and it ends when it is back."""
    centre = Centre()
    centre.say(0, "F1", {HEADCOUNT: 8})
    keep(centre, 0, 0, "C3")
    centre.node.online = False
    centre.alarms.take(LinkChanged(KEY, False, NOON_US // 1000), NOON_US // 1000)
    centre.say(0, "F1", {HEADCOUNT: None})
    centre.say(0, "C3", dict.fromkeys(WELL))
    for second in (1, 29, 31, 200):
        centre.look(second * S, "F1", "C3")
    assert set(centre.open()) == {"link_lost"}
    assert centre.open()["link_lost"].words[0] == "网关 gw-1 网关中断"
    back_ms = NOON_US // 1000 + 201_000
    centre.node.online = True
    centre.alarms.take(LinkChanged(KEY, True, back_ms), back_ms)
    assert centre.open()["link_lost"].state is State.RETURNED


@pytest.mark.parametrize("is_centre_deaf", [False, True])
def test_what_nobody_can_hear_is_not_missed(*, is_centre_deaf: bool) -> None:
    """Sensors of a gateway that is away, or while the broker is, have no alarms; back, each is given its time again."""
    centre = Centre()
    sensors: dict[str, Value | None] = {f"Gas {n}/Methane": 0.2 for n in range(1, 6)}
    centre.say(0, "F1", {HEADCOUNT: 8, **sensors})
    keep(centre, 0, 0, "C3")

    def heard(at_us: int, *, there: bool) -> None:
        if is_centre_deaf:
            centre.alarms.servers(broker=there, historian=True, now_us=NOON_US + at_us)
            return
        at_ms = (NOON_US + at_us) // 1000
        centre.node.online = there
        centre.alarms.take(LinkChanged(KEY, there, at_ms), at_ms)

    heard(0, there=False)
    for second in range(5, 1_000, 5):
        centre.look(second * S, "F1", "C3")
    lost = "broker_lost" if is_centre_deaf else "link_lost"
    assert set(centre.open()) == {lost}
    heard(1_000 * S, there=True)
    centre.look(1_000 * S)
    assert centre.open()[lost].state is State.RETURNED
    centre.say(1_010 * S, "F1", {HEADCOUNT: 8, **sensors, "Gas 5/Methane": None})
    keep(centre, 1_010 * S, 1_010 * S, "C3")
    for second in range(1_010, 1_175, 5):
        centre.say(second * S, "F1", {HEADCOUNT: 8, **sensors, "Gas 5/Methane": None})
        centre.look(second * S, "F1")
    assert set(centre.open()) == {lost}
    for second in range(1_175, 1_190, 5):
        centre.look(second * S)
    assert centre.open()["no_data"].key.source == "Gas 5/Methane"


def test_a_mine_that_does_not_come_back_after_a_restart_is_one_alarm() -> None:
    """Nobody knows then through whom its areas come, but none of its gateways is there. A new mine is missed."""
    centre = Centre()
    centre.node.online = False
    centre.alarms.restore([], [], [KEY], NOON_US)
    for second in range(0, 200, 5):
        centre.look(second * S, "F1", "C3")
    assert set(centre.open()) == {"link_lost"}
    centre = Centre()
    for second in range(0, 100, 5):
        centre.look(second * S, "F1", "C3")
    assert set(centre.open()) == {"face_blind", "chamber_blind"}


def test_a_gateway_that_does_not_come_back_after_a_restart_is_missed() -> None:
    """It is given time: the centre asks one after another."""
    centre = Centre()
    centre.alarms.restore([], [], [KEY, NodeKey("m9", "gw-9")], NOON_US)
    centre.look(119 * S)
    assert centre.open() == {}
    centre.look(120 * S)
    assert set(centre.open()) == {"link_lost"}
    centre = Centre()
    centre.alarms.restore([], [], [KEY], NOON_US)
    centre.alarms.take(LinkChanged(KEY, True, NOON_US // 1000), NOON_US // 1000)
    centre.look(500 * S)
    assert centre.open() == {}


def test_a_device_lost_while_its_gateway_lives() -> None:
    """Nothing behind a field bus answers."""
    centre = Centre()
    centre.alarms.take(DeviceChanged(KEY, "C3", False, NOON_US // 1000), NOON_US // 1000)
    centre.look(31 * S)
    alarm = centre.open()["device_lost"]
    assert (alarm.key.area, alarm.words[1]) == ("C3", "gateway gw-1: nothing behind it answers")
    centre.alarms.take(DeviceChanged(KEY, "C3", True, NOON_US // 1000 + 40_000), NOON_US // 1000 + 40_000)
    assert centre.open()["device_lost"].level == 0


def test_a_device_lost_before_a_restart_speaks_again() -> None:
    """The new session takes its birth for granted and tells nothing; its values do."""
    before = Centre()
    before.alarms.take(DeviceChanged(KEY, "C3", False, NOON_US // 1000), NOON_US // 1000)
    before.look(31 * S)
    centre = Centre()
    centre.alarms.restore(before.open().values(), [], [], NOON_US + 40 * S)
    assert (centre.open()["device_lost"].level, centre.open()["device_lost"].doubt) == (1, "centre")
    centre.say(41 * S, "C3", {HEADCOUNT: 1})
    assert centre.open()["device_lost"].level == 0


def test_alarms_of_areas_that_left_the_config_are_retired() -> None:
    """Nobody could ever judge them again."""
    before = Centre()
    before.say(0, "F1", {HEADCOUNT: 10})
    before.look(0, "F1")
    before.look(60 * S)
    alarm = before.open()["staffing"]
    gone = replace(alarm, definition=replace(alarm.definition, key=alarm.key._replace(area="F9")))
    centre = Centre()
    centre.alarms.restore([alarm, gone], [], [], NOON_US)
    assert [one.key.area for one in centre.open().values()] == ["F1"]


def test_the_centres_own_servers() -> None:
    """Without its broker everything is in doubt; both alarms are of every mine."""
    centre = Centre()
    centre.say(0, "F1", {"Gas 1/Methane": 1.2})
    for second in range(0, 40, 1):
        centre.alarms.servers(broker=False, historian=False, now_us=NOON_US + second * S)
        centre.look(second * S)
    assert set(centre.open()) == {"high", "broker_lost", "store_refuses"}
    assert centre.open()["high"].doubt == "centre"
    centre.alarms.servers(broker=True, historian=True, now_us=NOON_US + 40 * S)
    assert {centre.open()[code].level for code in ("broker_lost", "store_refuses")} == {0}


@pytest.mark.parametrize(
    ("code", "changed", "minutes"),
    [
        ("unprotected", {"protections": False}, 3),
        ("door_open", {"door": 0}, 4),
        ("intruder", {"headcount": 2, "door": 1}, 32),
        ("patrol_overdue", {"door": 1}, 8 * 60 + 1),
        ("patrol_overdue", {"control_mode": "local"}, 8 * 60 + 1),
    ],
)
def test_chambers(code: str, changed: dict[str, Value | None], minutes: int) -> None:
    """Each condition by itself, after its time and not before; over when it is over."""
    centre = Centre()
    keep(centre, 0, M, "C1", door=1)
    keep(centre, 2 * M, (minutes - 1) * M, "C1", **{"door": 1, **changed})
    assert code not in centre.open()
    keep(centre, minutes * M, (minutes + 2) * M, "C1", **{"door": 1, **changed})
    assert code in centre.open(), set(centre.open())
    keep(centre, (minutes + 3) * M, (minutes + 4) * M, "C1", door=1, headcount=1)
    keep(centre, (minutes + 5) * M, (minutes + 7) * M, "C1", door=1, headcount=0)
    assert centre.open()[code].level == 0


def test_a_door_open_while_somebody_is_in_is_no_alarm() -> None:
    """Only when nobody is, and only after a while."""
    centre = Centre()
    keep(centre, 0, 10 * M, "C1", door=0, headcount=1)
    assert "door_open" not in centre.open()
    keep(centre, 11 * M, 14 * M, "C1", door=0, headcount=0)
    assert "door_open" in centre.open()


def test_an_underground_compressor_alone() -> None:
    """Runs with nobody there for a minute; standing still it may be alone."""
    centre = Centre()
    keep(centre, 0, M, "C2", headcount=1)
    keep(centre, 2 * M, 2 * M, "C2")
    assert centre.open() == {}
    keep(centre, 3 * M, 3 * M, "C2")
    assert set(centre.open()) == {"unguarded"}
    keep(centre, 4 * M, 4 * M, "C2", running=False)
    assert centre.open()["unguarded"].level == 0


def test_a_mine_off_the_config_is_not_listened_to() -> None:
    """Its values raise nothing and break nothing."""
    centre = Centre()
    other = NodeKey("m2", "gw-1")
    state = MetricState(
        "Gas 1/Methane", DataType.DOUBLE, route("m2", "gw-1", "F1", "Gas 1/Methane", DataType.DOUBLE)
    )
    centre.alarms.take(
        Record(other, "F1", [Sample(state, NOON_US // 1000, 3.0, Quality.GOOD, False)], None, None), 0
    )
    assert list(centre.alarms.board.alarms) == []
