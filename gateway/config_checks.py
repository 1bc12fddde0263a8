"""What a config says that is well formed and wrong all the same: names that stand twice, or that nothing has.

Every fault is told with its line, those of the alarms' rule file too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from contract import config_form
from contract.errors import Fault, Misconfigured
from contract.toml_lines import KeyPath, toml_lines
from contract.topic import is_valid_id
from gateway.alarm_config import Alarms, rulebook
from rules.alarms.rulebook import Rulebook

if TYPE_CHECKING:
    from gateway.config import GatewayConfig

Found = tuple[KeyPath, str]
"""Where in a file, and what."""


def config_faults(config: GatewayConfig, text: str, file: str) -> Iterator[Fault]:
    """Those of a whole config, and of the rules that it names."""
    yield from told(chain(code_faults(config), route_faults(config)), text, file)
    mines = {mine.code for mine in config.mines}
    try:
        book = rulebook(config.alarms)
    except Misconfigured as misconfigured:
        yield from misconfigured.faults
    else:
        if config.alarms.rules is not None:
            rules = config.alarms.rules
            yield from told(own_rule_faults(book, mines), rules.read_text("utf-8-sig"), str(rules))


def faults_beside(text: str, file: str) -> Iterator[Fault]:
    """Those of the rules that a faulty config names, as far as it can be read."""
    try:
        alarms = Alarms.model_validate(tomllib.loads(text).get("alarms", {}))
    except (ValueError, AttributeError, RecursionError, ValidationError):
        return
    try:
        rulebook(config_form.anchored(alarms, Path(file).parent))
    except Misconfigured as misconfigured:
        yield from misconfigured.faults


def told(found: Iterator[Found], text: str, file: str) -> Iterator[Fault]:
    """With their lines."""
    lines = toml_lines(text.replace("\r\n", "\n"))
    return (Fault(file, config_form.line_of(path, lines), what) for path, what in found)


def code_faults(config: GatewayConfig) -> Iterator[Found]:
    """Codes that are no ids on the wire, or stand twice."""
    mines: set[str] = set()
    for number, mine in enumerate(config.mines):
        yield from code_fault(("mines", number, "code"), "mine", mine.code, mines)
        areas: set[str] = set()
        for table, codes in (
            ("faces", [face.code for face in mine.faces]),
            ("chambers", [chamber.code for chamber in mine.chambers]),
        ):
            for place, code in enumerate(codes):
                path = ("mines", number, table, place, "code")
                yield from code_fault(path, f"mine {mine.code}: area", code, areas)


def code_fault(path: KeyPath, what: str, code: str, seen: set[str]) -> Iterator[Found]:
    """One code, given those before it."""
    if not is_valid_id(code):
        yield path, f"{what} code {code!r} must be filled and free of + / #"
    if code in seen:
        yield path, f"{what} {code} stands twice"
    seen.add(code)


def route_faults(config: GatewayConfig) -> Iterator[Found]:
    """Routes that lead nowhere, are for mines and areas that do not exist, or have a name twice."""
    known = {
        "mines": {mine.code for mine in config.mines},
        "areas": {code for mine in config.mines for code in mine.areas},
    }
    names: set[str] = set()
    for number, route in enumerate(config.notify.routes):
        path: KeyPath = ("notify", "routes", number)
        if route.name in names:
            yield (*path, "name"), f"notify.routes: name {route.name!r} stands twice"
        names.add(route.name)
        for key, named in (("mines", route.mines), ("areas", route.areas)):
            yield from unknown_codes((*path, key), f"notify.routes {route.name!r}", named, known[key])
    if config.notify.routes:
        from gateway.live.apprise_sender import url_faults  # noqa: PLC0415  (only where messages are sent)

        for at, place, what in url_faults(config.notify):
            where = f"notify.routes {config.notify.routes[at].name!r}"
            yield ("notify", "routes", at, "urls", place), f"{where}: URL {place + 1}: {what}"


def unknown_codes(
    path: KeyPath, where: str, named: Collection[str], known: Collection[str]
) -> Iterator[Found]:
    """Codes that nothing has; `path` ends with what they are codes of."""
    for code in named:
        if code not in known:
            yield path, f"{where}: no {str(path[-1]).removesuffix('s')} has the code {code!r}"


def own_rule_faults(book: Rulebook, mines: Collection[str]) -> Iterator[Found]:
    """Rules of one's own that would never hold: for mines that do not exist, for places where no sensor hangs.

    Areas may be others than the config's faces and chambers: whatever an agent publishes has alarms.
    """
    own = book.files[-1]
    for table, scopes in (
        ("place", own.place),
        ("limit", own.limit),
        ("flag", own.flag),
        ("judged", own.judged),
    ):
        for number, scope in enumerate(scopes):
            yield from unknown_codes((table, number, "mines"), table, scope.mines, mines)
    given = {place.place for file in book.files for place in file.place}
    used = {rule.place for file in book.files for rule in (*file.limit, *file.flag)}
    for number, hung in enumerate(own.place):
        if hung.place not in used:
            yield ("place", number, "place"), f"place {hung.place!r}: no rule is for it"
    for table, rules in (("limit", own.limit), ("flag", own.flag)):
        for number, rule in enumerate(rules):
            if rule.place and rule.place not in given:
                yield (
                    (table, number, "place"),
                    f"place {rule.place!r}: no [[place]] says which sensor hangs there",
                )
