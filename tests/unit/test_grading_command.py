"""`ninebelow wire grade` on files: what it prints, its faults with file and line, its exit codes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contract.grading import capture_form
from contract.grading.capture import Capture
from ninebelow.app import main
from tests.grading_scene import HOST, Scene, flow, good, overheard


class Command:
    """The command in a folder of its own, run in this process."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(folder)
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *options: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self.monkeypatch.setattr("sys.argv", ["ninebelow", "wire", "grade", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self.capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else 0, printed.out, printed.err

    def of(self, scene: Scene, *options: str) -> tuple[int, str, str]:
        """The same, on the capture of a scene."""
        write(Path("c.jsonl"), scene.capture)
        return self("--capture", "c.jsonl", *options)

    def json(self, scene: Scene, *options: str) -> Any:
        """What it prints as JSON."""
        return json.loads(self.of(scene, "--json", *options)[1])


def write(file: Path, capture: Capture) -> None:
    """A capture file."""
    lines = [capture_form.head_line(capture.sees), *map(capture_form.event_line, capture.events)]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, monkeypatch, capsys)


def test_a_good_capture_ends_with_0(command: Command) -> None:
    code, out, err = command.of(good())

    assert (code, err) == (0, "")
    assert "未见违反 / no violation was seen" in out


def test_a_violation_ends_with_3_and_is_told_in_words(command: Command) -> None:
    code, out, _ = command.of(Scene().host_born().born().ddata(qos=1))

    assert code == 3
    assert "topics-ddata-mqtt: DDATA at QoS 0 and not retained" in out
    assert "#7 2023-11-14T22:13:20.700+00:00 spBv1.0/M1/DDATA/gw-1/F1：published at QoS 1, not 0" in out
    assert "有 2 条必须条款被违反 / clauses violated: 2" in out
    assert "topics-nbirth-mqtt" not in out


def test_a_recommendation_that_is_not_followed_ends_with_0(command: Command) -> None:
    code, out, _ = command.of(Scene().host_born().born().ddata(flow(1.5, datatype=10)))

    assert code == 0
    assert "未采纳 not followed" in out


def test_all_lists_every_clause_and_why_it_was_not_judged(command: Command) -> None:
    _, out, _ = command.of(overheard(good()), "--all")

    assert "conformance-mqtt-qos0: the broker supports QoS 0\n  asks something of the broker" in out
    assert "not visible in this capture: connections (only a proxy before the broker sees them)" in out


def test_json_has_every_clause(command: Command) -> None:
    report = command.json(Scene().host_born().born().ddata(qos=1))

    clauses = {clause["id"]: clause for clause in report["clauses"]}
    assert len(clauses) == 299
    assert report["conformant"] is False
    assert report["must"]["violated"] == 2
    assert (report["nodes"], report["hosts"], report["events"]) == (["M1/gw-1"], [HOST], 8)
    assert clauses["tck-id-topics-ddata-mqtt"] == {
        "id": "tck-id-topics-ddata-mqtt",
        "title": "DDATA at QoS 0 and not retained",
        "level": "MUST",
        "outcome": "violated",
        "judged": 1,
        "violated": 1,
        "violations": [
            {
                "event": 7,
                "at": "2023-11-14T22:13:20.700+00:00",
                "where": "spBv1.0/M1/DDATA/gw-1/F1",
                "what": "published at QoS 1, not 0",
            }
        ],
        "reason": None,
    }
    assert clauses["tck-id-conformance-mqtt-qos0"]["outcome"] == "not_applicable"
    assert clauses["tck-id-payloads-template-version"]["outcome"] == "not_exercised"


def test_a_group_alone_is_judged(command: Command) -> None:
    scene = Scene().host_born().born().ddata(qos=1)

    assert command.json(scene, "--group", "M1")["must"]["violated"] == 2
    assert command.json(scene, "--group", "M2")["must"]["violated"] == 0


def test_a_primary_host_is_told(command: Command) -> None:
    scene = Scene().connects().subscribes().nbirth()

    assert command.of(scene)[0] == 0
    assert command.of(scene, "--primary-host", HOST)[0] == 3


def test_nothing_of_sparkplug_is_no_success(command: Command) -> None:
    """Silence is never compliance."""
    scene = Scene().sends("NBIRTH", topic="factory/line")

    code, out, err = command.of(scene)

    assert (code, out) == (1, "")
    assert "no Sparkplug message was seen" in err


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ((), "--capture: give either --capture FILE or --mqtt URL"),
        (("--capture", "c", "--mqtt", "mqtt://h"), "--capture: give either --capture FILE or --mqtt URL"),
        (("--capture", "none.jsonl"), "none.jsonl: cannot be read: "),
        (("--mqtt", "http://h"), "--mqtt: 'http://h' must be as mqtt://host:1883 or mqtts://user@host:8883"),
        (("--mqtt", "mqtt://h/x"), "--mqtt: 'mqtt://h/x' must be as mqtt://host:1883"),
        (("--mqtt", "mqtt://u:secret@h"), "--mqtt: no password in the URL"),
        (("--mqtt", "mqtt://h:99999"), "--mqtt: 'mqtt://h:99999': "),
        (("--mqtt", "mqtt://h", "--for", "soon"), "--for: 'soon' must be a duration such as 30s"),
        (("--mqtt", "mqtt://h", "--group", "a/b"), "--group: 'a/b' is no Sparkplug group id"),
        (("--mqtt", "mqtt://h", "--ca", "ca.crt"), "--ca: needs a URL that begins with mqtts://"),
        (("--mqtt", "mqtts://h", "--cert", "a.crt"), "--cert: --cert and --key go together"),
        (("--mqtt", "mqtts://h", "--ca", "none.crt"), "none.crt: certificates cannot be used: "),
        (("--mqtt", "mqtt://h", "--password-file", "none"), "none: cannot be read: "),
    ],
)
def test_wrong_usage_ends_with_2(command: Command, options: Sequence[str], what: str) -> None:
    code, out, err = command(*options)

    assert (code, out) == (2, "")
    assert err.startswith(what)
    assert "secret" not in err


def test_faults_of_a_file_are_told_by_line(command: Command) -> None:
    Path("c.jsonl").write_text('{"capture": 1, "sees": []}\n{}\nno JSON\n', encoding="utf-8")

    code, _, err = command("--capture", "c.jsonl")

    assert code == 2
    assert err.splitlines() == [
        "c.jsonl:2: an event has exactly one of the keys publish, connect, subscribe, disconnect",
        "c.jsonl:3: a line is one event as a JSON object",
    ]


def test_what_mosquitto_sub_wrote_is_graded(command: Command) -> None:
    Path("wire.txt").write_text("1650000000.000000000 1 0 0801 spBv1.0/M1/NDATA/gw-1\n", encoding="utf-8")

    assert "published at QoS 1, not 0" in command("--capture", "wire.txt", "--qos-2")[1]
    assert "published at QoS 1" not in command("--capture", "wire.txt")[1]


def test_qos_2_is_a_word_about_mosquitto_sub(command: Command) -> None:
    assert "--qos-2" in command("--mqtt", "mqtt://127.0.0.1:1", "--qos-2")[2]
    code, out, err = command.of(good(), "--qos-2")

    assert (code, out) == (2, "")
    assert "c.jsonl: --qos-2" in err
