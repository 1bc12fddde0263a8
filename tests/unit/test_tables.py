"""CSV tables: columns as numbers, and every fault with its line, however the file is written."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contract.errors import Fault
from ninebelow.offline import csv_blocks, tables
from ninebelow.offline.tables import Table, Texts, read_table
from ninebelow.offline.text_codes import TextCoder

COLUMNS = ("at", "face", "headcount")
HEADER = "at,face,headcount\n"
T = "2022-03-01T00:00Z"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def read(file: Path, data: bytes | str, columns: tuple[str, ...] = COLUMNS) -> tuple[Table, list[str]]:
    """The table, and the faults without the file's name."""
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    faults: list[Fault] = []
    table = read_table(file, columns, faults=faults)
    assert all(fault.file == str(file) for fault in faults)
    return table, [f"{fault.line}: {fault.what}" for fault in faults]


def rows(table: Table) -> list[tuple[str, ...]]:
    return list(
        zip(*([texts[row] for row in range(texts.code.size)] for texts in table.texts.values()), strict=True)
    )


@pytest.mark.parametrize(
    "data",
    [
        f"{HEADER}{T},F1,9\n{T},F2,\n",
        f"{HEADER}{T},F1,9\n{T},F2,",  # no line end at the end
        f"\ufeff{HEADER}{T},F1,9\n{T},F2,\n",
        f"{HEADER}{T},F1,9\n{T},F2,\n".replace("\n", "\r\n"),
        f"{HEADER}\n{T},F1,9\n\n\n{T},F2,\n\n",  # empty lines are no rows
        f'at,face,headcount\n"{T}","F1","9"\n{T},F2,""\n',
        f'"at","face",headcount\r\n{T},F1,9\r\n"{T}",F2,\r\n',
        f"headcount,at,face\n9,{T},F1\n,{T},F2\n",
    ],
)
def test_ways_to_write_a_table(file: Path, data: str) -> None:
    """With or without BOM, either line ending, quoted or not, columns in any order."""
    table, faults = read(file, data)
    assert faults == []
    assert rows(table) == [("F1", "9"), ("F2", "")]
    assert table.at_us.tolist() == [1646092800_000_000] * 2


def test_texts_are_kept_to_the_letter(file: Path) -> None:
    """Nothing is trimmed; quotes keep separators, line ends and quotes."""
    data = f'{HEADER}{T}, F1 ,"a,b"\n{T},综采工作面,"say ""nine"""\n{T},"two\nlines",x"y\n{T},F9,9\n'
    table, faults = read(file, data)
    assert faults == []
    assert rows(table) == [(" F1 ", "a,b"), ("综采工作面", 'say "nine"'), ("two\nlines", 'x"y'), ("F9", "9")]
    assert [table.fault(row, "").line for row in range(4)] == [2, 3, 4, 6]


def test_control_characters_are_no_borders(file: Path) -> None:
    """A field that holds those which blocks use for borders keeps its place; the characters are replaced."""
    table, faults = read(file, f'{HEADER}{T},"a\x1fb","c\x1ed"\n{T},F1,9\n')
    assert faults == []
    assert rows(table) == [("a\ufffdb", "c\ufffdd"), ("F1", "9")]


def test_tables_without_times(file: Path) -> None:
    """One column, or several."""
    assert rows(read(file, "name\na\n\nb\n", ("name",))[0]) == [("a",), ("b",)]
    table, faults = read(file, "name\na,b\n", ("name",))
    assert (rows(table), faults) == ([], ["2: 2 fields where the header has 1"])
    assert table.at_us.tolist() == []


@pytest.mark.parametrize(
    ("header", "faults"),
    [
        ("at,face", ["1: column 'headcount' is missing"]),
        ("at,face,headcount,post", ["1: unknown column 'post'"]),
        ("at,face,face,headcount", ["1: column 'face' stands 2 times"]),
        ("at,face, headcount", ["1: unknown column ' headcount'", "1: column 'headcount' is missing"]),
        ("AT,face,headcount", ["1: unknown column 'AT'", "1: column 'at' is missing"]),
        ("", ["1: no header: the first line names the columns"]),
    ],
)
def test_header_faults(file: Path, header: str, faults: list[str]) -> None:
    """Unknown, missing and doubled columns, all of them."""
    found = read(file, header + "\n")[1]
    assert [fault.split(";")[0] for fault in found] == faults


def test_an_empty_file_has_no_header(file: Path) -> None:
    """And a header alone is a table without rows."""
    assert read(file, "")[1] == ["1: no header: the first line names the columns"]
    table, faults = read(file, HEADER)
    assert (rows(table), table.at_us.tolist(), faults) == ([], [], [])


@pytest.mark.parametrize("quote", ["", '"'])
def test_row_faults_have_their_lines(file: Path, quote: str) -> None:
    """Other numbers of fields and unreadable times, by line; the other rows are still read."""
    data = (
        f"{HEADER}{quote}{T}{quote},F1,9\nyesterday,F2,9\n\n{T},F1\n{T},F1,9,good\n2022-02-30 00:00,F3,\n  \n"
    )
    table, faults = read(file, data)
    assert [fault.split(";")[0] for fault in faults] == [
        "3: unreadable time 'yesterday'",
        "5: 2 fields where the header has 3",
        "6: 4 fields where the header has 3",
        "7: unreadable time '2022-02-30 00:00'",
        "8: 1 fields where the header has 3",
    ]
    assert [texts[0] for texts in rows(table)] == ["F1", "F2", "F3"]


def test_rows_are_still_checked_under_a_faulty_header(file: Path) -> None:
    """So that one run names everything."""
    found = read(file, f"at,fase,headcount\n{T},F1,9\nx,F1,9\n{T},9\n")[1]
    assert [fault.split(":")[0] for fault in found] == ["1", "1", "3", "4"]


@pytest.mark.parametrize("quote", ["", '"'])
def test_text_that_is_not_utf8(file: Path, quote: str) -> None:
    """Each such line."""
    data = f"{HEADER}{T},F1,9\n{quote}{T}{quote},工作面,9\n{T},F1,9\n{T},掘进面,9\n".encode("gbk")
    assert read(file, data)[1] == [
        "3: not UTF-8; save the file as UTF-8",
        "5: not UTF-8; save the file as UTF-8",
    ]
    assert read(file, f"{HEADER}{T},F1,9\n".encode("utf-16"))[1] == ["1: not UTF-8; save the file as UTF-8"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, a folder, too large."""
    large = tmp_path / "large.csv"
    large.touch()
    os.truncate(large, 10 * 2**30 + 1)
    for path in (tmp_path / "none.csv", tmp_path, large):
        faults: list[Fault] = []
        table = read_table(path, COLUMNS, faults=faults)
        assert [(fault.file, fault.line) for fault in faults] == [(str(path), None)]
        assert rows(table) == []


def test_faults_are_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest are counted."""
    monkeypatch.setattr(tables, "FAULTS_MAX", 2)
    assert [fault[:6] for fault in read(file, HEADER + "x\n" * 9)[1]] == ["2: 1 f", "3: 1 f", "None: "]


def test_a_file_without_lines_is_no_table(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read to its end."""
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 40)
    found = read(file, f"{HEADER}{T},F1,9\n" + "x" * 99)[1]
    assert len(found) == 1
    assert found[0].startswith("3: a line of over")


def test_a_quote_that_never_closes(file: Path) -> None:
    """The row that opens it has too few fields, or is too long for one."""
    assert read(file, f'{HEADER}{T},F1,9\n{T},"F1,9\n{T},F1,9\n')[1] == ["3: 2 fields where the header has 3"]
    found = read(file, f'{HEADER}{T},"F1,9\n' + f"{T},F1,9\n" * 9000)[1]
    assert found[0] == "2: not CSV: field larger than field limit (131072)"


plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='",\n\r\x1e\x1f'), max_size=12)
quoted = st.text(st.sampled_from('ab,"\n 工'), max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(plain | quoted, plain | st.sampled_from(["9", "a" * 70, "b" * 70])), max_size=30),
    st.sampled_from([7, 50, 1000]),
    st.sampled_from(["\n", "\r\n"]),
)
@example([("\0", "\0\0"), ("", "a\0"), ("a" * 64, "a" * 65)], 50, "\n")
def test_any_texts_come_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    texts: list[tuple[str, str]],
    block_bytes: int,
    line_end: str,
) -> None:
    """What a CSV writer writes, read in blocks of any size, with the line of each row."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=line_end)
    lines = []
    writer.writerow(COLUMNS)
    for face, count in texts:
        lines.append(stream.getvalue().count("\n") + 1)
        writer.writerow((T, face, count))
    with monkeypatch.context() as patch:
        patch.setattr(
            csv_blocks,
            "BLOCK_BYTES",
            max(block_bytes, 3 + max((len(a + b) * 4 + 30 for a, b in texts), default=0)),
        )
        patch.setattr(csv_blocks, "QUOTED_ROWS", 3)
        table, faults = read(tmp_path / "rows.csv", stream.getvalue())
    assert faults == []
    assert rows(table) == texts
    assert [table.fault(row, "").line for row in range(len(texts))] == lines


def test_columns_of_texts(file: Path) -> None:
    """Meaning is given once per distinct text."""
    data = HEADER + "".join(
        f"{T},{face},{count}\n" for face, count in [("F2", 9), ("F1", 10), ("F2", 9), ("F1", "x")]
    )
    table, _ = read(file, data)
    face, count = table.texts["face"], table.texts["headcount"]
    asked: list[str] = []

    def meaning(text: str) -> float | None:
        asked.append(text)
        return None if text == "x" else float(text)

    assert [str(number) for number in count.numbers(meaning)] == ["9.0", "10.0", "9.0", "nan"]
    assert asked == ["9", "10", "x"]
    assert face.where("F1".__eq__).tolist() == [False, True, False, True]
    assert {text: found.tolist() for text, found in face.rows().items()} == {"F2": [0, 2], "F1": [1, 3]}
    assert list(face.rows()) == ["F2", "F1"]
    assert count.tally(face.where("F1".__eq__)) == {"9": 0, "10": 1, "x": 1}
    assert count.at(face.rows()["F1"])[1] == "x"


def test_rows_of_a_text_are_in_the_file_s_order() -> None:
    """However many there are: of rows at one instant the last one must win."""
    code = np.arange(5000, dtype=np.int32) * 7 % 3
    found = Texts(code, ("a", "b", "c")).rows()
    assert all(bool((np.diff(rows) > 0).all()) for rows in found.values())


def test_colliding_hashes_cost_time_and_nothing_else(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are compared in full."""
    monkeypatch.setattr("ninebelow.offline.text_codes._MIX", np.uint64(0))
    names = [f"face {number} of the mine" for number in range(30)]
    table, faults = read(file, HEADER + "".join(f"{T},{name},9\n" for name in names * 3))
    assert faults == []
    assert [face for face, _ in rows(table)] == names * 3
    assert TextCoder().distinct == ()
