"""InfluxDB as Grafana's data source, by InfluxQL: 1.x by user and password, 2.x and 3.x by a token header. Pure.

2.x answers InfluxQL for a database that is mapped to a bucket; a bucket is mapped by its own name, so `dbName` is the
bucket. 3.x takes its database alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dashboards.grafana.influxql import TYPE
from dashboards.grafana.page import SOURCE_UID

SCHEMES: Final = {1: None, 2: "Token", 3: "Bearer"}
"""What stands before the token in the header, by InfluxDB's major version; 1.x has none."""
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Source:
    """Which InfluxDB, and as whom it is read; `secret` is a password (1.x) or a token."""

    version: int
    url: str
    database: str
    user: str = ""
    secret: str | None = None
    is_default: bool = False

    def payload(self) -> Json:
        """As Grafana's API takes it; without the secret where there is none to set."""
        scheme = SCHEMES[self.version]
        options: Json = {
            "dbName": self.database,
            "httpMode": "POST",
            "timeInterval": "10s",
            "version": "InfluxQL",
        }
        payload: Json = {
            "name": SOURCE_UID,
            "uid": SOURCE_UID,
            "type": TYPE,
            "access": "proxy",
            "url": self.url,
            "isDefault": self.is_default,
        }
        if scheme is None:
            payload["user"] = self.user
            payload["basicAuth"] = False
        else:
            options["httpHeaderName1"] = "Authorization"
        payload["jsonData"] = options
        if self.secret is not None:
            payload["secureJsonData"] = {self.secret_name: self.secret_value(self.secret)}
        return payload

    @property
    def secret_name(self) -> str:
        """Which of Grafana's encrypted fields holds it."""
        return "password" if SCHEMES[self.version] is None else "httpHeaderValue1"

    def secret_value(self, secret: str) -> str:
        """As InfluxDB is shown it."""
        scheme = SCHEMES[self.version]
        return secret if scheme is None else f"{scheme} {secret}"


def provisioning_file(source: Source, about: str) -> str:
    """The same as a file for `provisioning/datasources`; the secret is the name of an environment variable."""
    payload = source.payload()
    options = payload["jsonData"]
    assert isinstance(options, dict)
    assert source.secret is not None
    lines = [
        f"# {about}",
        "apiVersion: 1",
        "datasources:",
        f"  - name: {payload['name']}",
        *(f"    {name}: {text(payload[name])}" for name in ("uid", "type", "access", "isDefault", "url")),
        *([f"    user: {source.user}"] if source.user else []),
        "    jsonData:",
        *(f"      {name}: {text(value)}" for name, value in options.items()),
        "    secureJsonData:",
        f"      {source.secret_name}: {source.secret_value(source.secret)}",
        "    editable: false",
    ]
    return "\n".join(lines) + "\n"


def text(value: object) -> str:
    """A scalar in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)
