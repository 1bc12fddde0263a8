"""The alarms' part of the centre's config: the sections, and the rule files that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, SecretStr

from contract import config_form
from contract.config_form import Section
from contract.errors import Fault, Misconfigured
from rules.alarms.alarm import Policy, Priority
from rules.alarms.rule import PRIORITIES, RuleFile
from rules.alarms.rulebook import Rulebook
from rules.series import MINUTE_US, SECOND_US

Pack = Literal[
    "judged", "gas", "air", "main_fan", "pumps", "belts", "hoist", "compressor", "substation", "gas_drainage"
]
PACKS: Final[tuple[Pack, ...]] = get_args(Pack)
FOLDER: Final = Path(__file__).parent / "alarm_packs"
Count = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Minutes = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Alarms(Section):
    """Which rules hold, and how alarms are handled. Every figure is without authority."""

    journal: Path = Path("var/alarms.sqlite")
    """What is open, who did what, what was sent: survives a restart."""
    history_days: Count = 400
    history_records_max: Count = 2_000_000
    packs: tuple[Pack, ...] = PACKS
    rules: Path | None = None
    """A rule file of one's own; it holds over the packs."""
    shelf_max_min: Count = 480
    escalate_critical_min: Minutes = 5.0
    escalate_high_min: Minutes = 15.0
    escalate_medium_min: Minutes = 0.0
    """0: never."""
    escalations_max: Count = 3
    chatter_raises_per_h: Count = 6
    flood_alarms: Count = 10
    flood_s: Seconds = 10.0

    def policy(self, rate: float) -> Policy:
        """The figures, by a clock that runs so much faster than real time."""
        minutes = {
            Priority.CRITICAL: self.escalate_critical_min,
            Priority.HIGH: self.escalate_high_min,
            Priority.MEDIUM: self.escalate_medium_min,
        }
        return Policy(
            escalate_us={priority: round(m * MINUTE_US) for priority, m in minutes.items() if m},
            escalations_max=self.escalations_max,
            chatter_raises=self.chatter_raises_per_h,
            flood_raises=self.flood_alarms,
            flood_us=round(self.flood_s * SECOND_US * rate),
            shelf_max_us=self.shelf_max_min * MINUTE_US,
        )


class Route(Section):
    """Who is told of what."""

    name: str
    urls: Annotated[tuple[SecretStr, ...], Field(min_length=1)]
    """Where to, as apprise writes it; each is sent to on its own."""
    priority: Literal["low", "medium", "high", "critical"] = "high"
    """This and everything that matters more."""
    mines: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    cleared: bool = False
    """Also tell what is over."""

    @property
    def least(self) -> Priority:
        """The lowest priority that it is told of."""
        return PRIORITIES[self.priority]


class Notify(Section):
    """Messages to people outside the console."""

    routes: tuple[Route, ...] = ()
    messages_per_min: Count = 6
    """More than that and what happens meanwhile comes as one message."""
    tries: Count = 6
    retry_s: Seconds = 2.0
    retry_max_s: Seconds = 120.0
    waiting_max: Count = 1_000
    log_max: Count = 100_000
    """Sent messages remembered; the oldest go first."""


def rulebook(config: Alarms) -> Rulebook:
    """The packs, and one's own rules over them; raises `Misconfigured` with every fault."""
    files = [FOLDER / f"{pack}.toml" for pack in config.packs]
    if config.rules is not None:
        files.append(config.rules)
    faults: list[Fault] = []
    read: list[RuleFile] = []
    for file in files:
        try:
            read.append(config_form.load(RuleFile, file.read_text(encoding="utf-8-sig"), str(file)))
        except Misconfigured as misconfigured:
            faults += misconfigured.faults
        except (OSError, UnicodeDecodeError) as error:
            faults.append(Fault(str(file), None, f"cannot be read: {error}"))
    if faults:
        raise Misconfigured(faults)
    return Rulebook(tuple(read))
