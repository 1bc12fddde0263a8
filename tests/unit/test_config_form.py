"""Config files: every fault at once, each on its line, whatever the form in which TOML lets it be written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, SecretStr, model_validator

from contract import config_form
from contract.config_form import Section
from contract.errors import Misconfigured


class Broker(Section):
    """A section with a rule of its own."""

    host: str = "localhost"
    port: Annotated[int, Field(gt=0, lt=65536)] = 1883
    password: SecretStr | None = None
    user: str | None = None

    @model_validator(mode="after")
    def user_with_password(self) -> Broker:
        """A rule over the whole section."""
        if self.user and not self.password:
            raise ValueError("user needs a password")
        return self


class Deep(Section):
    """A section in a section."""

    broker: Broker = Broker()


class Modbus(Section):
    """One kind of source."""

    protocol: Literal["modbus"]
    host: str
    port: int = 502


class OpcUa(Section):
    """Another."""

    protocol: Literal["opcua"]
    url: str


class Config(Section):
    """The whole file."""

    mqtt: Broker = Broker()
    deep: Deep = Deep()
    sources: list[Annotated[Modbus | OpcUa, Field(discriminator="protocol")]] = Field(default_factory=list)
    limits: dict[str, int] = Field(default_factory=dict)


def faults(text: str) -> list[str]:
    """What is wrong with a config, as people read it."""
    with pytest.raises(Misconfigured) as wrong:
        config_form.load(Config, text, "c.toml")
    return [str(fault) for fault in wrong.value.faults]


def test_a_file_without_faults() -> None:
    config = config_form.load(
        Config, '\ufeff[mqtt]\r\nport = 8883\r\n[[sources]]\r\nprotocol = "opcua"\r\nurl = "x"\r\n', "c.toml"
    )
    assert (config.mqtt.port, config.sources) == (8883, [OpcUa(protocol="opcua", url="x")])


UNKNOWN = "unknown key: check its spelling, and the table that it stands in"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[mqtt]\n\nhots = 'x'\n", f"c.toml:3: mqtt.hots: {UNKNOWN}"),
        ("mqtt.host = 'a'\nmqtt.hots = 'x'\n", f"c.toml:2: mqtt.hots: {UNKNOWN}"),  # dotted key
        ("[deep.broker]\nport = 1\nhots = 'x'\n", f"c.toml:3: deep.broker.hots: {UNKNOWN}"),  # nested table
        ("[deep]\nbroker.port = 1\nbroker.hots = 1\n", f"c.toml:3: deep.broker.hots: {UNKNOWN}"),
        ("[deep]\nbroker = { port = 1, hots = 2 }\n", f"c.toml:2: deep.broker.hots: {UNKNOWN}"),  # inline table
        ('[ "deep" . \'broker\' ] # it\nhots = 1\n', f"c.toml:2: deep.broker.hots: {UNKNOWN}"),  # quoted
        ("[mqtt]\nport = 0\n", "c.toml:2: mqtt.port: Input should be greater than 0 (found 0)"),
        ("[[sources]]\nprotocol = 'modbus'\n", "c.toml:1: sources[0].modbus.host: missing"),
        ("[[sources]]\nhost = 'x'\n", "c.toml:1: sources[0]: Unable to extract tag using discriminator 'protocol'"),
        ("sources = [\n  { protocol = 'opcua', url = 'x' },\n  { protocol = 'opcua' },\n]\n",
         "c.toml:3: sources[1].opcua.url: missing"),
        ("x = '''\n[mqtt]\nhots = 1\n'''\n[mqtt]\nport = 0\n", f"c.toml:1: x: {UNKNOWN}"),  # no table in a text
        ("[limits]\na = 1\nmore = [\n  [1],\n]\n[mqtt]\nport = 1\n",
         "c.toml:3: limits.more: Input should be a valid integer"),
    ],
)  # fmt: skip
def test_each_fault_stands_on_its_line(text: str, fault: str) -> None:
    assert fault in faults(text)


def test_entries_of_an_array_of_tables_are_told_apart() -> None:
    text = (
        "[[sources]]\nprotocol = 'opcua'\nurl = 'x'\n\n[[sources]]\nprotocol = 'modbus'\nhost = 'h'\nport = 'no'\n"
        "\n[[sources]]\nprotocol = 'modbus'\nhost = 3\n"
    )
    assert [fault.partition(" Input")[0] for fault in faults(text)] == [
        "c.toml:8: sources[1].modbus.port:",
        "c.toml:12: sources[2].modbus.host:",
    ]


def test_all_faults_at_once() -> None:
    assert len(faults("x = 1\n[mqtt]\nport = 0\nhots = 1\n[deep]\ny = 1\n")) == 4


@pytest.mark.parametrize("text", ["[mqtt]\nport = \n", "[mqtt]\nport = 1\nport = 2\n", "a = [[\n", "\x00"])
def test_what_is_no_toml_says_where(text: str) -> None:
    (fault,) = faults(text)
    assert "not TOML: " in fault


def test_toml_nested_too_deep_is_a_fault() -> None:
    assert faults(f"a = {'[' * 100_000}") == ["c.toml: not TOML: maximum recursion depth exceeded"]


@pytest.mark.parametrize(
    "text",
    [
        "[mqtt]\npassword = 5432101\n",
        "[mqtt]\nuser = 'a'\npassword = ''\nhost = 5432101\n",
        "mqtt = [5432101]\n",
        "[mqtt]\nuser = 'a'\npassword = 5432101\n",
    ],
)
def test_secrets_and_whole_tables_are_not_repeated(text: str) -> None:
    assert not [fault for fault in faults(text) if "5432101" in fault and "host" not in fault]


def test_a_rule_over_a_whole_section_stands_on_its_header() -> None:
    assert faults("[mqtt]\nuser = 'a'\n") == ["c.toml:1: mqtt: Value error, user needs a password"]


def test_every_fault_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as wrong:
        config_form.load(Config, "x = 1", str(tmp_path / "c.toml"))
    assert wrong.value.faults[0].file == str(tmp_path / "c.toml")
