"""Puts folder, data source, dashboards and alert rules into a running Grafana; what is there already stays untouched.

Rules
- First everything is read, then what differs is written, in an order in which each part finds what it names.
- Grafana never gives a secret back: it is written with a new data source, where none is set, or when asked for.
- Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeVar
from urllib.parse import SplitResult

import niquests
from grafana_client import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException, GrafanaUnauthorizedError

from contract.errors import Rejected, Transient
from dashboards.grafana.bundle import FOLDER_TITLE, FOLDER_UID, Bundle, Json
from dashboards.grafana.difference import covers, holds_dashboard
from dashboards.grafana.sources import Source

OLDEST: Final = 11
"""Grafana's major version from which on alert rules can keep their state without data."""
TIMEOUT_S: Final = 20.0
NOT_FOUND: Final = 404
FORBIDDEN: Final = 403
T = TypeVar("T")
Done = Literal["created", "updated", "unchanged"]


class GrafanaUnavailable(Transient):
    """It does not answer, or answers that it cannot now."""


class GrafanaRefused(Rejected):
    """It answers, and does not do it; what to mend is said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became, or would become, of one part."""

    part: Literal["folder", "datasource", "dashboard", "rules"]
    name: str
    done: Done


@dataclass(frozen=True, slots=True)
class Step:
    """One part as it is found, and how to make it what it should be."""

    outcome: Outcome
    write: Callable[[], object] | None = None


def connected(url: SplitResult, token: str, ca_file: str | None) -> GrafanaApi:
    """A Grafana that can be spoken to; raises `GrafanaUnavailable` or `GrafanaRefused`."""
    prefix = f"{path}/" if (path := url.path.strip("/")) else ""
    api = GrafanaApi(
        token,
        host=f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname,
        port=url.port,
        url_path_prefix=prefix,
        protocol=url.scheme,
        verify=ca_file or True,
        timeout=TIMEOUT_S,
    )
    major = str(version := version_of(api)).partition(".")[0]
    if not major.isdigit():
        raise GrafanaRefused(f"{url.geturl()} 不是 Grafana / is no Grafana: check --url")
    if int(major) < OLDEST:
        raise GrafanaRefused(
            f"Grafana {version} 太旧，需要 {OLDEST}.0 或更新 / is too old: {OLDEST}.0 or newer is needed"
        )
    return api


def version_of(api: GrafanaApi) -> str | None:
    """Grafana's version; `None` where something else answers."""
    try:
        built = asked(api.health.check)
    except (Missing, AttributeError):  # the client takes any page for settings
        return None
    return built.get("version") if isinstance(built, dict) else None


def steps(api: GrafanaApi, bundle: Bundle, source: Source, *, renew_secret: bool) -> Iterator[Step]:
    """What is to be done, part by part; reading only."""
    yield folder_step(api)
    yield source_step(api, source, renew_secret=renew_secret)
    for dashboard in bundle.dashboards:
        yield dashboard_step(api, dashboard)
    yield rules_step(api, bundle.rules)


def folder_step(api: GrafanaApi) -> Step:
    """The folder of everything."""
    held = found(lambda: api.folder.get_folder(FOLDER_UID))
    if held is None:
        return step(
            "folder", FOLDER_TITLE, "created", lambda: api.folder.create_folder(FOLDER_TITLE, FOLDER_UID)
        )
    if held.get("title") == FOLDER_TITLE:
        return step("folder", FOLDER_TITLE, "unchanged")
    return step(
        "folder",
        FOLDER_TITLE,
        "updated",
        lambda: api.folder.update_folder(FOLDER_UID, title=FOLDER_TITLE, overwrite=True),
    )


def source_step(api: GrafanaApi, source: Source, *, renew_secret: bool) -> Step:
    """The data source; its secret cannot be compared."""
    wanted = source.payload()
    name, uid = str(wanted["name"]), str(wanted["uid"])
    secret = wanted.pop("secureJsonData", None)
    whole = wanted | ({} if secret is None else {"secureJsonData": secret})
    held = found(lambda: api.datasource.get_datasource_by_uid(uid))
    if held is None:
        return step("datasource", name, "created", lambda: api.datasource.create_datasource(whole))
    wanted.pop("isDefault")  # theirs to choose, once it is there
    whole["isDefault"] = bool(held.get("isDefault"))
    is_set = bool((held.get("secureJsonFields") or {}).get(source.secret_name))
    if covers(held, wanted) and not (secret is not None and (renew_secret or not is_set)):
        return step("datasource", name, "unchanged")
    return step("datasource", name, "updated", lambda: api.datasource.update_datasource_by_uid(uid, whole))


def dashboard_step(api: GrafanaApi, dashboard: Json) -> Step:
    """One dashboard, in our folder."""
    held = found(lambda: api.dashboard.get_dashboard(dashboard["uid"]))
    is_there = held is not None and held.get("meta", {}).get("folderUid") == FOLDER_UID
    if held is not None and is_there and holds_dashboard(held["dashboard"], dashboard):
        return step("dashboard", dashboard["title"], "unchanged")
    saved = {"dashboard": dashboard, "folderUid": FOLDER_UID, "overwrite": True, "message": "ninebelow"}
    done: Done = "created" if held is None else "updated"
    return step("dashboard", dashboard["title"], done, lambda: api.dashboard.update_dashboard(saved))


def rules_step(api: GrafanaApi, rules: Json) -> Step:
    """The group of alert rules, as a whole; people may change them in Grafana until the next time."""
    title = rules["title"]
    held = found(lambda: api.alertingprovisioning.get_rule_group(FOLDER_UID, title))
    wanted = rules | {"rules": [without_org(rule) for rule in rules["rules"]]}
    if held is not None and covers(held, wanted):
        return step("rules", title, "unchanged")
    done: Done = "updated" if held is not None and held.get("rules") else "created"
    return step(
        "rules",
        title,
        done,
        lambda: api.alertingprovisioning.update_rule_group(
            FOLDER_UID, title, wanted, disable_provenance=True
        ),
    )


def without_org(rule: Json) -> Json:
    """A rule belongs to the token's organisation."""
    return {name: value for name, value in rule.items() if name != "orgID"}


def step(
    part: Literal["folder", "datasource", "dashboard", "rules"],
    name: str,
    done: Done,
    write: Callable[[], object] | None = None,
) -> Step:
    """A step whose write tells of trouble as we do."""
    return Step(Outcome(part, name, done), None if write is None else lambda: asked(write))


def found(ask: Callable[[], T]) -> T | None:
    """The answer, `None` where there is no such thing."""
    try:
        return asked(ask)
    except Missing:
        return None


class Missing(GrafanaRefused):
    """There is no such thing."""


def asked(ask: Callable[[], T]) -> T:
    """The answer; every trouble of the client's as one of ours, saying what to mend."""
    try:
        return ask()
    except GrafanaUnauthorizedError as error:
        raise GrafanaRefused("令牌无效或已过期 / the token is not valid: 401; make a new one") from error
    except GrafanaClientError as error:
        if error.status_code == NOT_FOUND:
            raise Missing(f"没有找到 / not found: {error.message}") from error
        if error.status_code == FORBIDDEN:
            raise GrafanaRefused(
                "令牌权限不够：服务账号要有 Admin 角色 / 403: the token's service account needs the role Admin"
            ) from error
        raise GrafanaRefused(f"Grafana 拒绝 / refuses: {error.message}") from error
    except (GrafanaException, niquests.exceptions.RequestException) as error:
        raise GrafanaUnavailable(f"连不上 Grafana / Grafana does not answer: {error}") from error
