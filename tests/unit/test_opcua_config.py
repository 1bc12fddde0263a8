"""Pins what the config of an OPC UA source takes, and what is said of what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract import config_form
from contract.errors import Misconfigured
from edge_agent.source_config.opcua import OpcUaSource

MINIMAL = 'name = "plc"\npoints = "p.csv"\nprotocol = "opcua"\nurl = "opc.tcp://plc:4840"\n'
SECURITY = """
[security]
certificate_file = "agent.pem"
key_file = "agent.key.pem"
trust_folder = "trusted"
"""


def load(text: str) -> OpcUaSource:
    """A source's table as a file."""
    return config_form.load(OpcUaSource, text, "etc/edge.toml")


def fault(text: str) -> str:
    """What is wrong with it, in all."""
    with pytest.raises(Misconfigured) as raised:
        load(text)
    return str(raised.value)


def test_what_is_given_where_nothing_is() -> None:
    """Watched, unsecured, and nobody logs in."""
    source = load(MINIMAL)
    assert (source.mode, source.queue_size, source.publish_ms) == ("subscribe", 10, 250.0)
    assert (source.security, source.username, source.server_deadband) == (None, None, True)
    assert source.clock_skew_max_s == 300.0


def test_files_lie_beside_the_config() -> None:
    """Those of the security table too; a password is not shown."""
    source = load(f'{MINIMAL}username = "reader"\npassword = "geheim"\n{SECURITY}')
    assert source.security is not None
    assert source.security.trust_folder == Path("etc/trusted")
    assert source.password is not None
    assert source.password.get_secret_value() == "geheim"
    assert "geheim" not in repr(source)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (MINIMAL.replace("opc.tcp://plc:4840", "http://plc"), "must be as opc.tcp://host:4840"),
        (MINIMAL.replace("opc.tcp://plc:4840", "opc.tcp://"), "must be as opc.tcp://host:4840"),
        (
            f'{MINIMAL}username = "reader"\npassword = "geheim"\n',
            "who logs in needs a table [sources.security]",
        ),
        (f'{MINIMAL}user_certificate_file = "u.pem"\nuser_key_file = "k.pem"\n', "who logs in needs a table"),
        (f'{MINIMAL}username = "reader"\n{SECURITY}', "username and password go together"),
        (
            f'{MINIMAL}user_key_file = "k.pem"\n{SECURITY}',
            "user_certificate_file and user_key_file go together",
        ),
        (
            f'{MINIMAL}username = "a"\npassword = "geheim"\nuser_certificate_file = "u"\nuser_key_file = "k"{SECURITY}',
            "not both",
        ),
        (f'{MINIMAL}{SECURITY}server_certificate_file = "plc.der"\n', "trust_folder, and not both"),
        (MINIMAL + SECURITY.replace('trust_folder = "trusted"', ""), "give server_certificate_file"),
        (f'{MINIMAL}{SECURITY}policy = "Basic256"\n', "Basic256Sha256"),
        (f'{MINIMAL}mode = "listen"\n', "'subscribe' or 'poll'"),
        (f"{MINIMAL}queue_size = 0\n", "greater than 0"),
        (f"{MINIMAL}publish_ms = 5\n", "greater than or equal to 10"),
        (f"{MINIMAL}queue = 5\n", "unknown key"),
    ],
)
def test_what_is_refused(text: str, what: str) -> None:
    """With the mend, and without a secret."""
    said = fault(text)
    assert what in said
    assert "geheim" not in said


def test_a_user_in_the_url() -> None:
    """Told without showing it: faults are written to logs as well."""
    said = fault(MINIMAL.replace("opc.tcp://plc", "opc.tcp://reader:geheim@plc"))
    assert "url holds a user: give username and password instead" in said
    assert "geheim" not in said
