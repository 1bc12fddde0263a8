"""The one table: what every route needs, and how it is found out where it acts. What stands here not is refused.

Rules
- A route needs one permission; a role has a set of them (`MAY`).
- `Where.MINE`: the path or the query names it by its code, and it must lie within the person's scope. Beyond it the
  answer is 404, as for one that does not exist.
- `Where.FILTERED`: the answer is made from what lies within the scope only (`gateway.access.reach`).
- `Where.PROVINCE`: it cannot be told truthfully of a part, so it is for people of the province.
- `Where.NOWHERE`: it concerns nobody's data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.access.person import Role


class Need(StrEnum):
    """What a route needs."""

    OPEN = "open"
    """Anybody: the health check, signing in, the console's own files."""
    WALL = "wall"
    """What a wall shows; kiosks have this and nothing else."""
    SEE = "see"
    ACKNOWLEDGE = "acknowledge"
    """Acknowledge alarms and put them aside for a while."""
    MAINTAIN = "maintain"
    """Maintenance windows; alarms out of service."""
    EDIT = "edit"
    """Change the registry; which tables and columns is said in `gateway.access.edits`."""
    ACCEPT = "accept"
    """Acceptances, payments, everything of the plan."""
    KIOSKS = "kiosks"
    """Make and close the tokens of walls."""
    USERS = "users"
    METRICS = "metrics"
    """The centre's own counters, which name every mine."""


class Where(StrEnum):
    """How the scope of a request is found."""

    NOWHERE = "nowhere"
    MINE = "mine"
    FILTERED = "filtered"
    PROVINCE = "province"


_SEES: Final = frozenset({Need.WALL, Need.SEE})
MAY: Final[Mapping[Role, frozenset[Need]]] = {
    Role.KIOSK: frozenset({Need.WALL}),
    Role.OPERATOR: _SEES | {Need.ACKNOWLEDGE},
    Role.ENGINEER: _SEES | {Need.ACKNOWLEDGE, Need.MAINTAIN, Need.KIOSKS},
    Role.ENTERPRISE: _SEES | {Need.EDIT},
    Role.AUTHORITY: _SEES | {Need.EDIT, Need.ACCEPT},
    Role.ADMIN: frozenset(Need) - {Need.OPEN},
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A route: its method, its path as the application writes it, what it needs, and where that acts."""

    method: str
    path: str
    need: Need
    where: Where
    is_page: bool = False
    """Opened in a browser: nobody is sent to the sign-in page instead of being refused."""
    is_stream: bool = False
    """Stays open, and is ended when the session is."""
    takes_token: bool = False
    """With `token` in the query it exchanges that for a cookie, and shows nothing."""


def page(path: str, need: Need, where: Where) -> Rule:
    """A page of the console."""
    return Rule("GET", path, need, where, is_page=True)


def get(path: str, need: Need, where: Where) -> Rule:
    """An answer of the API."""
    return Rule("GET", f"/api/v1{path}", need, where)


def post(path: str, need: Need, where: Where) -> Rule:
    """An act."""
    return Rule("POST", f"/api/v1{path}", need, where)


RULES: Final = (
    # Pages
    page("/", Need.WALL, Where.NOWHERE),
    Rule("GET", "/wall", Need.WALL, Where.MINE, is_page=True, takes_token=True),
    page("/mine", Need.SEE, Where.MINE),
    page("/province", Need.SEE, Where.NOWHERE),
    Rule("GET", "/sign-in", Need.OPEN, Where.NOWHERE),
    Rule("GET", "/assets/{path:path}", Need.OPEN, Where.NOWHERE),
    # The machine
    Rule("GET", "/healthz", Need.OPEN, Where.NOWHERE),
    Rule("GET", "/metrics", Need.METRICS, Where.PROVINCE),
    Rule("GET", "/openapi.json", Need.SEE, Where.NOWHERE),
    # Sessions, users, kiosks
    get("/session", Need.OPEN, Where.NOWHERE),
    post("/session", Need.OPEN, Where.NOWHERE),
    Rule("DELETE", "/api/v1/session", Need.OPEN, Where.NOWHERE),
    post("/session/password", Need.SEE, Where.NOWHERE),
    get("/users", Need.USERS, Where.PROVINCE),
    post("/users", Need.USERS, Where.PROVINCE),
    post("/users/{name}/close", Need.USERS, Where.PROVINCE),
    post("/users/{name}/password", Need.USERS, Where.PROVINCE),
    get("/sign-ins", Need.USERS, Where.PROVINCE),
    get("/kiosks", Need.KIOSKS, Where.FILTERED),
    post("/mines/{mine}/kiosks", Need.KIOSKS, Where.MINE),
    post("/mines/{mine}/kiosks/{kiosk}/close", Need.KIOSKS, Where.MINE),
    # Mines, live
    get("/mines", Need.WALL, Where.FILTERED),
    get("/mines/{mine}", Need.WALL, Where.MINE),
    get("/mines/{mine}/gaps", Need.SEE, Where.MINE),
    # Records, readings, gateways of a mine
    get("/mines/{mine}/faces/{face}/shifts", Need.SEE, Where.MINE),
    get("/mines/{mine}/faces/{face}/shifts/{on}/{shift}", Need.SEE, Where.MINE),
    get("/mines/{mine}/faces/{face}/persons", Need.SEE, Where.MINE),
    get("/mines/{mine}/chambers/{chamber}", Need.SEE, Where.MINE),
    get("/mines/{mine}/chambers/{chamber}/timeline", Need.SEE, Where.MINE),
    get("/mines/{mine}/chambers/{chamber}/days/{on}", Need.SEE, Where.MINE),
    get("/mines/{mine}/points", Need.SEE, Where.MINE),
    get("/mines/{mine}/trends", Need.SEE, Where.MINE),
    get("/mines/{mine}/readings.csv", Need.SEE, Where.MINE),
    get("/mines/{mine}/gateways", Need.SEE, Where.MINE),
    Rule("GET", "/api/v1/live", Need.WALL, Where.MINE, is_stream=True),
    # Alarms
    get("/mines/{mine}/alarms", Need.SEE, Where.MINE),
    get("/mines/{mine}/alarms/history", Need.SEE, Where.MINE),
    get("/mines/{mine}/alarms/messages", Need.SEE, Where.MINE),
    post("/mines/{mine}/alarms/maintenance", Need.MAINTAIN, Where.MINE),
    post("/mines/{mine}/alarms/{alarm}/ack", Need.ACKNOWLEDGE, Where.MINE),
    post("/mines/{mine}/alarms/{alarm}/shelve", Need.ACKNOWLEDGE, Where.MINE),
    post("/mines/{mine}/alarms/{alarm}/unshelve", Need.ACKNOWLEDGE, Where.MINE),
    post("/mines/{mine}/alarms/{alarm}/out-of-service", Need.MAINTAIN, Where.MINE),
    post("/mines/{mine}/alarms/{alarm}/in-service", Need.MAINTAIN, Where.MINE),
    # The plan
    get("/plan/table", Need.SEE, Where.NOWHERE),
    get("/plan/progress", Need.SEE, Where.FILTERED),
    get("/plan/groups", Need.SEE, Where.FILTERED),
    get("/plan/projects", Need.SEE, Where.FILTERED),
    get("/plan/project", Need.SEE, Where.FILTERED),
    get("/plan/mines", Need.SEE, Where.FILTERED),
    get("/plan/outlook", Need.SEE, Where.FILTERED),
    get("/plan/targets", Need.SEE, Where.FILTERED),
    get("/plan/reward", Need.SEE, Where.FILTERED),
    get("/plan/consequences", Need.SEE, Where.FILTERED),
    get("/plan/appraisal", Need.SEE, Where.FILTERED),
    get("/plan/appraisal.xlsx", Need.SEE, Where.FILTERED),
    get("/plan/leagues", Need.SEE, Where.PROVINCE),
    get("/plan/bulletin", Need.SEE, Where.PROVINCE),
    get("/evidence", Need.SEE, Where.FILTERED),
    get("/evidence/{mine}/{face}", Need.SEE, Where.MINE),
    # The registry
    get("/registry", Need.SEE, Where.NOWHERE),
    get("/registry/audit", Need.SEE, Where.FILTERED),
    get("/registry/check", Need.SEE, Where.PROVINCE),
    get("/registry/check/config", Need.SEE, Where.PROVINCE),
    get("/registry/template.xlsx", Need.SEE, Where.NOWHERE),
    get("/registry/export.xlsx", Need.SEE, Where.FILTERED),
    get("/registry/projects.csv", Need.SEE, Where.FILTERED),
    post("/registry/import", Need.EDIT, Where.FILTERED),
    get("/registry/{table}/{row}/history", Need.SEE, Where.FILTERED),
    get("/registry/{table}", Need.SEE, Where.FILTERED),
    post("/registry/{table}", Need.EDIT, Where.FILTERED),
    post("/registry/{table}/close", Need.EDIT, Where.FILTERED),
)
"""In the order in which they are tried, as the application's own: words that are spelt out before any word."""

_PART: Final = re.compile(r"\{([a-z_]+)(:path)?\}")


def pattern_of(path: str) -> re.Pattern[str]:
    """What a path template matches: as Starlette matches it."""
    text, at = "", 0
    for part in _PART.finditer(path):
        taken = ".*" if part[2] else "[^/]+"
        text += f"{re.escape(path[at : part.start()])}(?P<{part[1]}>{taken})"
        at = part.end()
    return re.compile(text + re.escape(path[at:]))


_PATTERNS: Final = tuple((rule, pattern_of(rule.path)) for rule in RULES)


def rule_of(method: str, path: str) -> tuple[Rule, dict[str, str]] | None:
    """The rule for a request and what its path names; `None`: it is refused.

    No address has a line break: Starlette's patterns let one pass at their end, so that a route that is spelt out
    would answer to the rule of any word.
    """
    if "\n" in path:
        return None
    wanted = "GET" if method == "HEAD" else method
    for rule, pattern in _PATTERNS:
        if rule.method == wanted and (found := pattern.fullmatch(path)):
            return rule, found.groupdict()
    return None


def may(role: Role, need: Need) -> bool:
    """Has a role this permission?"""
    return need is Need.OPEN or need in MAY[role]
