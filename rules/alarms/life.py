"""One alarm and its life, in the manner of ISA-18.2: what happens goes in, the alarm as it is then comes out.

Rule 1: every transition of an alarm lives in this file. Rule 2: nothing here waits, stores, tells or reads a clock.

Rules
- An alarm has *levels* (alarm, trip). Each has a priority; level 0 is normal. Rising to a level asks for another
  acknowledgement, falling to a lower one does not.
- Back at level 0 an acknowledged alarm is over; one that nobody acknowledged stays listed as *returned* until somebody
  does. A latching alarm asks for an acknowledgement after it has returned, whoever acknowledged it before.
- Held back (shelved, suppressed by maintenance, out of service) it goes on being judged and stays listed; when the hold
  ends while it is active, it is as new.
- What cannot be judged now is in *doubt*: it stays as it is until a good value says otherwise.
- Every transition gives one record; the records of an alarm are at least a millisecond apart, in order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rules.alarms.alarm import (
    Acknowledgement,
    Alarm,
    AlarmKey,
    Change,
    Hold,
    Policy,
    Record,
    State,
    Value,
)

MILLISECOND_US: Final = 1_000
Step = tuple[Alarm, tuple[Record, ...]]
"""The alarm after an event, and what is to be remembered."""


def moved(alarm: Alarm, change: Change, at_us: int, who: str = "", note: str = "") -> Step:
    """An alarm that has changed, and the record of it."""
    at_us = max(at_us, alarm.changed_us + MILLISECOND_US)
    after = replace(alarm, changed_us=at_us)
    return after, (Record(change, at_us, after, who, note),)


def judged(
    alarm: Alarm,
    level: int,
    at_us: int,
    policy: Policy,
    *,
    value: Value | None = None,
    limit: float | None = None,
) -> Step:
    """A good value says at which level it is."""
    seen = replace(alarm, level=level, value=value, limit=limit, doubt=None)
    if level > alarm.level:
        return raised(alarm, seen, at_us, policy)
    if 0 < level < alarm.level:
        return moved(seen, Change.FELL, at_us)
    if level < alarm.level:
        is_over = alarm.is_held or (alarm.acked and not alarm.definition.latching)
        ack = alarm.ack if is_over else None
        return moved(
            replace(seen, acked=is_over, ack=ack), Change.CLEARED if is_over else Change.RETURNED, at_us
        )
    if alarm.doubt is not None and alarm.is_open:
        return moved(replace(alarm, doubt=None), Change.VERIFIED, at_us)
    return alarm, ()


def raised(before: Alarm, seen: Alarm, at_us: int, policy: Policy) -> Step:
    """It became active, or worse."""
    is_new = before.level == 0
    counts = is_new and not before.is_held
    raises = (*before.raises, at_us)[-policy.chatter_raises :] if counts else before.raises
    after, records = moved(
        replace(
            seen,
            top=max(seen.level, before.top if before.is_open else 0),
            acked=False,
            ack=None,
            raised_us=at_us if is_new else before.raised_us,
            told_us=at_us,
            escalations=0,
            raises=raises,
            under=before.under if before.is_open else None,
        ),
        Change.RAISED if is_new else Change.ROSE,
        at_us,
    )
    if after.chatters(at_us, policy) and not before.chatters(at_us, policy):
        after, more = moved(after, Change.CHATTERS, at_us)
        records += more
    return after, records


def folded(alarm: Alarm, under: AlarmKey, at_us: int) -> Step:
    """One of many: a flood alarm stands for it."""
    return moved(replace(alarm, under=under), Change.FOLDED, at_us, note=under.id)


def joined(flood: Alarm, at_us: int) -> Step:
    """One more belongs to a flood alarm: whoever has acknowledged it has not seen this one."""
    if not flood.acked or flood.is_held:
        return flood, ()
    return moved(as_new(flood, at_us), Change.RAISED, at_us)


def doubted(alarm: Alarm, why: str, at_us: int) -> Step:
    """It cannot be judged now."""
    if not alarm.is_open or alarm.doubt == why:
        return alarm, ()
    return moved(replace(alarm, doubt=why), Change.DOUBTED, at_us, note=why)


def acknowledged(alarm: Alarm, who: str, note: str, at_us: int) -> Step:
    """Somebody has seen it; without anything to see nothing happens."""
    if alarm.acked:
        return alarm, ()
    ack = Acknowledgement(who, note, at_us)
    return moved(replace(alarm, acked=True, ack=ack, escalations=0), Change.ACKNOWLEDGED, at_us, who, note)


def shelved(alarm: Alarm, hold: Hold) -> Step:
    """Somebody puts it aside for a while; shelving it again changes the time."""
    return moved(replace(alarm, shelf=hold), Change.SHELVED, hold.from_us, hold.who, hold.why)


def unshelved(alarm: Alarm, who: str, at_us: int) -> Step:
    """The shelf ends: by somebody, or (an empty `who`) by time."""
    if alarm.shelf is None:
        return alarm, ()
    return moved(as_new(replace(alarm, shelf=None), at_us), Change.UNSHELVED, at_us, who)


def suppressed(alarm: Alarm, why: str | None, at_us: int) -> Step:
    """Maintenance begins or (`None`) ends."""
    if alarm.suppressed == why:
        return alarm, ()
    after = replace(alarm, suppressed=why)
    if why is None:
        return moved(as_new(after, at_us), Change.UNSUPPRESSED, at_us)
    return moved(after, Change.SUPPRESSED, at_us, note=why)


def taken_out(alarm: Alarm, hold: Hold) -> Step:
    """Out of service until somebody puts it back."""
    return moved(replace(alarm, out=hold), Change.OUT_OF_SERVICE, hold.from_us, hold.who, hold.why)


def put_back(alarm: Alarm, who: str, at_us: int) -> Step:
    """In service again."""
    if alarm.out is None:
        return alarm, ()
    return moved(as_new(replace(alarm, out=None), at_us), Change.IN_SERVICE, at_us, who)


def as_new(alarm: Alarm, at_us: int) -> Alarm:
    """Active, it asks for an acknowledgement."""
    if alarm.level == 0:
        return alarm
    return replace(alarm, acked=False, ack=None, told_us=at_us, escalations=0)


def escalated(alarm: Alarm, now_us: int, policy: Policy) -> Step:
    """Unacknowledged for too long: told again, one priority higher."""
    after_us = policy.escalate_us.get(alarm.priority)
    if (
        alarm.state is not State.UNACKNOWLEDGED
        or after_us is None
        or alarm.escalations >= policy.escalations_max
        or now_us - alarm.told_us < after_us
    ):
        return alarm, ()
    after = replace(alarm, told_us=now_us, escalations=alarm.escalations + 1)
    return moved(after, Change.ESCALATED, now_us)


def retired(alarm: Alarm, why: str, at_us: int) -> Step:
    """Nothing judges it any more: no rule, or no such point."""
    if not alarm.is_open:
        return alarm, ()
    over = replace(alarm, level=0, acked=True, doubt=None, shelf=None, out=None, suppressed=None)
    return moved(over, Change.RETIRED, at_us, note=why)
