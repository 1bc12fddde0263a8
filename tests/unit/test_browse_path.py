"""Pins browse paths: how the point table writes them, escapes included, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.point_form import NODE
from edge_agent.acquisition.browse_path import INDEX_MAX, BrowsePath, Step, is_path, parse, path_of

URI = "http://example.com/mine"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f"nsu={URI};/F1", BrowsePath(URI, (Step("F1"),))),
        (f"nsu={URI};/F1/Shearer/Position", BrowsePath(URI, (Step("F1"), Step("Shearer"), Step("Position")))),
        ("/Server", BrowsePath(0, (Step("Server"),))),
        ("ns=2;/F1/3:Shearer", BrowsePath(2, (Step("F1"), Step("Shearer", 3)))),
        (f"nsu={URI};/0:DeviceSet/采煤机", BrowsePath(URI, (Step("DeviceSet", 0), Step("采煤机")))),
        (f"nsu={URI};/A&/B/C", BrowsePath(URI, (Step("A/B"), Step("C")))),
        (f"nsu={URI};/2&:A", BrowsePath(URI, (Step("2:A"),))),
        (f"nsu={URI};/2:3&:A", BrowsePath(URI, (Step("3:A", 2),))),
        (f"nsu={URI};/A && B", BrowsePath(URI, (Step("A & B"),))),
        (f"nsu={URI};/Pump 2: flow", BrowsePath(URI, (Step("Pump 2: flow"),))),
        (f"nsu={URI};/a=b;c", BrowsePath(URI, (Step("a=b;c"),))),
        (f"nsu={URI};/12:", BrowsePath(URI, (Step("12:"),))),
    ],
)
def test_what_a_path_says(text: str, path: BrowsePath) -> None:
    """Names with and without an index of their own; `&` before what would mean something else."""
    assert is_path(text)
    assert parse(text) == path
    assert parse(str(path)) == path


@pytest.mark.parametrize(
    "text",
    [
        f"nsu={URI};/", f"nsu={URI};//A", f"nsu={URI};/A/", f"nsu={URI};/A&", "/A//B", "A/B", "", f"nsu={URI};s=A",
        "nsu=;/A", f"/{INDEX_MAX + 1}:A", f"ns={INDEX_MAX + 1};/A", f"nsu={URI};",
    ],
)  # fmt: skip
def test_what_is_no_path(text: str) -> None:
    """Empty names, an escape of nothing, indexes that no server has."""
    with pytest.raises(ValueError, match="is no browse path"):
        parse(text)


@pytest.mark.parametrize("text", [f"nsu={URI};s=/A/B", "ns=2;i=7", "i=2258", f"nsu={URI};g=/", "s=/"])
def test_a_node_id_is_no_path(text: str) -> None:
    """Whatever stands in it."""
    assert not is_path(text)


NAMES = st.text(min_size=1, max_size=8) | st.text(alphabet="/:&12a", min_size=1, max_size=8)
STEPS = st.builds(Step, NAMES, st.none() | st.integers(0, INDEX_MAX))
SPACES = st.sampled_from([URI, "urn:x"]) | st.integers(0, INDEX_MAX)


@given(st.builds(BrowsePath, SPACES, st.lists(STEPS, min_size=1, max_size=5).map(tuple)))
def test_every_path_can_be_written(path: BrowsePath) -> None:
    """And reads back as it was, whatever its names are made of."""
    assert parse(str(path)) == path
    assert is_path(str(path))


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never another error; what is read can be written."""
    try:
        path = parse(text)
    except ValueError:
        return
    assert parse(str(path)) == path


@pytest.mark.parametrize("names", [["F1", "Position"], ["A B", "采煤机"], ["a:b"]])
def test_the_point_table_takes_what_is_written(names: list[str]) -> None:
    """A path found by browsing can stand in a table."""
    assert NODE.fullmatch(str(BrowsePath(URI, tuple(map(Step, names)))))


@pytest.mark.parametrize(
    ("names", "path"),
    [
        ([(2, "F1"), (2, "Position")], f"nsu={URI};/F1/Position"),
        ([(0, "DeviceSet"), (2, "F1")], f"nsu={URI};/0:DeviceSet/F1"),
        ([(0, "Server")], "ns=0;/Server"),
        ([(1, "F1"), (2, "Position")], None),
        ([(3, "F1")], None),
        ([(2, "")], None),
        ([], None),
    ],
)
def test_paths_that_outlive_a_restart(names: list[tuple[int, str]], path: str | None) -> None:
    """Those of one namespace, and the standard's; another's index may be another after a restart."""
    found = path_of(names, ["http://opcfoundation.org/UA/", "urn:server", URI])
    assert (None if found is None else str(found)) == path
