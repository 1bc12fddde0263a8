"""What a chamber is at every instant: its states from the first row to now (definitions.md §2, State).

Rules
- Everything that can change a state happens at an instant known beforehand: a signal becomes another value or
  unknown, a spell begins, ends or becomes a post, a robot's run grows old, a visit grows too old. Between two
  such instants nothing changes, so judging once at each of them judges the whole time, to the microsecond.
- Before the chamber's first row, and from now on, there is no state but `unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules.chambers.presence import NOTHING_EARLIER, Earlier, Mask, Presence, VisitAges, presence
from rules.chambers.rule import Chamber, Kind, Rule, Signal, State
from rules.series import EMPTY, LONG_US, Instants, Samples, Stretches, Values, known

STATES: Final = tuple(State)


@dataclass(frozen=True, slots=True)
class Course:
    """A chamber from its first row to now, in pieces that follow each other and each have one state."""

    chamber: Chamber
    now_us: int
    from_us: Instants
    to_us: Instants
    state: NDArray[np.int8]
    """Index into `STATES`."""
    posted: Mask
    """In a post with known occupancy."""
    unguarded: Mask
    """An underground compressor that runs while nobody is there."""
    presence: Presence

    def lasted(self, mask: Mask, bounds_us: Instants) -> Instants:
        """Between each bound and the next, the microseconds for which `mask` holds."""
        if not mask.size:
            return np.zeros(bounds_us.size - 1, dtype=np.int64)
        before_us = np.append([0], np.cumsum(np.where(mask, self.to_us - self.from_us, 0)))
        piece = np.clip(np.searchsorted(self.from_us, bounds_us, side="right") - 1, 0, None)
        within_us = np.clip(bounds_us, self.from_us[piece], self.to_us[piece]) - self.from_us[piece]
        return np.diff(before_us[piece] + np.where(mask[piece], within_us, 0))

    def stretches(self) -> tuple[tuple[int, int, State], ...]:
        """From, to and state, neighbours of one state made into one; for timelines."""
        joined = Stretches(self.from_us, self.to_us, self.state.astype(np.float64)).joined()
        return tuple(
            (from_us, to_us, STATES[int(state)])
            for from_us, to_us, state in zip(
                joined.from_us.tolist(), joined.to_us.tolist(), joined.value.tolist(), strict=True
            )
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What a chamber is right now, for screens; instants and ages in microseconds."""

    state: State
    since_us: int | None
    """Since when without a break; `None` if it has no rows at all."""
    presence_since_us: int | None
    posted_since_us: int | None
    visit_age_us: int | None
    """`None` before the first row."""
    last_visit_us: int | None
    """When the last visit ended; `None` if none is known."""
    until_us: int = LONG_US
    """Before that none of it changes otherwise than by further rows, but for the visit's age itself."""


def course(
    chamber: Chamber,
    signals: Mapping[Signal, Samples],
    rule: Rule,
    *,
    now_us: int,
    earlier: Earlier = NOTHING_EARLIER,
) -> Course:
    """Judge the whole time from the chamber's first row to now."""
    there = presence(signals, rule, now_us=now_us, earlier=earlier)
    if there.first_row_us is None or there.ages is None:
        return _blank(chamber, there, now_us)
    steps = Steps.of(signals, rule, now_us=now_us)
    cuts = _cuts(steps, there, there.ages, rule, now_us=now_us)
    spell, post = there.inside(cuts), there.posted(cuts)
    visited = there.ages.at(cuts) < rule.patrol_interval_us
    occupancy = steps.at(Signal.OCCUPANCY, cuts)
    unguarded = steps.on(Signal.RUNNING, cuts) & (occupancy < 1)
    return Course(
        chamber,
        now_us,
        cuts,
        np.append(cuts[1:], now_us)[: cuts.size],
        _states(chamber, steps, cuts, spell=spell, post=post, visited=visited),
        posted=post & ~np.isnan(occupancy),
        unguarded=unguarded & (chamber.kind is Kind.UNDERGROUND_COMPRESSOR),
        presence=there,
    )


def standing(
    chamber: Chamber,
    signals: Mapping[Signal, Samples],
    rule: Rule,
    *,
    now_us: int,
    earlier: Earlier = NOTHING_EARLIER,
) -> Standing:
    """What the chamber is at the instant now itself, a row at this very instant included."""
    rows = {signal: samples.until(now_us) for signal, samples in signals.items()}
    judged = course(chamber, rows, rule, now_us=now_us + 1, earlier=earlier)
    if not judged.from_us.size:
        return Standing(State.UNKNOWN, None, None, None, None, None)
    from_us, _, state = judged.stretches()[-1]
    spell = judged.presence.spells[-1] if judged.presence.spells else None
    inside = spell is not None and spell.end_us > now_us
    ages = judged.presence.ages
    last_visits_us = [visit.end_us for visit in judged.presence.visits[-1:]]
    last_visits_us += [] if earlier.last_visit_us is None else [earlier.last_visit_us]
    return Standing(
        state,
        from_us,
        presence_since_us=spell.begin_us if spell is not None and inside else None,
        posted_since_us=spell.post_us if spell is not None and inside else None,
        visit_age_us=None if ages is None else int(ages.at(np.array([now_us]))[0]),
        last_visit_us=max(last_visits_us, default=None),
        until_us=_holds_until(judged.presence, rows, rule, now_us),
    )


def _holds_until(there: Presence, rows: Mapping[Signal, Samples], rule: Rule, now_us: int) -> int:
    """The first of the instants after now at which time alone can change the standing."""
    newest = [(int(s.at_us[-1]), float(s.value[-1])) for s in rows.values() if s.at_us.size]
    instants = [at_us + rule.stale_after_us for at_us, value in newest if not np.isnan(value)]
    if there.spells and there.spells[-1].end_us > now_us:
        spell = there.spells[-1]
        instants.append(spell.begin_us + max(0, rule.patrol_max_us - spell.age_us))
        people = known(
            rows.get(Signal.OCCUPANCY, EMPTY), stale_after_us=rule.stale_after_us, now_us=now_us + 1
        )
        known_to_us = int(people.to_us[-1]) if people.to_us.size else spell.begin_us
        instants.append(known_to_us + rule.patrol_max_us - 1)  # the spell is lost
    if there.runs:
        instants.append(there.runs[-1].begin_us + rule.patrol_max_us)
    if there.ages is not None and not there.ages.fresh[-1]:
        instants.append(int(there.ages.since_us[-1]) + rule.patrol_interval_us)
    return min((at_us for at_us in instants if at_us > now_us), default=LONG_US)


@dataclass(frozen=True, slots=True)
class Steps:
    """The signals as step functions, only their changes kept."""

    known: Mapping[Signal, Stretches]

    @classmethod
    def of(cls, signals: Mapping[Signal, Samples], rule: Rule, *, now_us: int) -> Steps:
        """As the signals are known at now."""
        return cls(
            {
                signal: known(
                    signals.get(signal, EMPTY), stale_after_us=rule.stale_after_us, now_us=now_us
                ).joined()
                for signal in Signal
            }
        )

    def at(self, signal: Signal, cuts: Instants) -> Values:
        """The signal's value at each of the instants, `NaN` where it is unknown."""
        return self.known[signal].at(cuts)

    def on(self, signal: Signal, cuts: Instants) -> Mask:
        """Known to be 1, or for the control mode remote or auto; unknown counts as 0."""
        return self.at(signal, cuts) >= 1


def _cuts(steps: Steps, there: Presence, ages: VisitAges, rule: Rule, *, now_us: int) -> Instants:
    """Every instant from the first row, before now, at which anything can change."""
    changes = [edge for stretches in steps.known.values() for edge in (stretches.from_us, stretches.to_us)]
    posts = np.array([s.post_us for s in there.spells if s.post_us is not None], dtype=np.int64)
    cuts = np.unique(np.concatenate([*changes, posts, ages.from_us, ages.exceed_at(rule.patrol_interval_us)]))
    return cuts[cuts < now_us]


def _states(
    chamber: Chamber, steps: Steps, cuts: Instants, *, spell: Mask, post: Mask, visited: Mask
) -> NDArray[np.int8]:
    """The state from each cut to the next, first that fits."""
    unknown = np.any([np.isnan(steps.at(signal, cuts)) for signal in chamber.required], axis=0)
    remote = steps.on(Signal.CONTROL_MODE, cuts)
    healthy = steps.on(Signal.PROTECTIONS, cuts) & steps.on(Signal.LINK, cuts)
    central = remote & healthy
    district = chamber.kind is Kind.DISTRICT_SUBSTATION
    fit = ~post & _is_fit(chamber, steps, cuts, healthy=healthy, central=central, spell=spell)
    first_that_fits = (
        (unknown, State.UNKNOWN),
        (fit & spell, State.PATROL),
        (fit & visited, State.UNATTENDED),
        (central, State.CENTRAL_CONTROL),
        (post, State.ATTENDED),
        (remote | (district & ~spell), State.UNPROTECTED),
    )
    return np.select(
        [condition for condition, _ in first_that_fits],
        [np.int8(STATES.index(state)) for _, state in first_that_fits],
        default=np.int8(STATES.index(State.LOCAL_CONTROL)),
    )


def _is_fit(
    chamber: Chamber, steps: Steps, cuts: Instants, *, healthy: Mask, central: Mask, spell: Mask
) -> Mask:
    """Could stand alone, as far as its machines tell."""
    match chamber.kind:
        case Kind.UNDERGROUND_COMPRESSOR:
            return np.zeros(cuts.size, dtype=np.bool_)
        case Kind.DISTRICT_SUBSTATION:
            return healthy & (steps.on(Signal.DOOR, cuts) | spell)
        case _:
            closed = steps.on(Signal.DOOR, cuts) | (not chamber.door_required)
            return central & steps.on(Signal.VIDEO, cuts) & closed


def _blank(chamber: Chamber, there: Presence, now_us: int) -> Course:
    none = np.empty(0, dtype=np.int64)
    flags = np.empty(0, dtype=np.bool_)
    return Course(chamber, now_us, none, none, none.astype(np.int8), flags, flags, there)
