"""Names and cells of the registry: what scanners and people write, and what it means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.cells import Unreadable, guarded, json_of, row_of, text_of, unguarded, value_of
from gateway.registry.form import Cell, Column
from gateway.registry.naming import folded, plain
from gateway.registry.tables import BY_WORD, TABLES
from tests.registry import values


def column(cell: Cell, **choices: str) -> Column:
    """A column of a kind."""
    return Column("c", "列", cell, "", "", choices=choices)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 智能化釆煤工作面 ", "智能化采煤工作面"),
        ("拥进工作面", "掘进工作面"),
        ("撅进工作面", "掘进工作面"),
        ("机房嗣室、机房碉室、峒室、洞室", "机房硐室、机房硐室、硐室、硐室"),
        ("人民 政府", "人民政府"),
        ("演示三矿 1201 采煤面", "演示三矿 1201 采煤面"),
        ("演示　三矿\u200b", "演示三矿"),
        ("１２０１ Ａ 面", "1201 A 面"),
        ("首山一矿（平宝煤业）", "首山一矿（平宝煤业）"),
        ("\ufeff甲", "甲"),
    ],
)
def test_names_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert plain(typed) == stored


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("首山一矿（平宝煤业）", "首山一矿(平宝煤业)"),
        ("F12090", "f12090"),
        ("1201 采煤面", "1201采煤面"),
        ("—580", "-580"),
    ],
)
def test_names_that_differ_in_typing_only_are_equal(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert folded(plain(text)) == folded(text)


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        (Cell.DAY, "2021-03-05", date(2021, 3, 5)),
        (Cell.DAY, "2021/3/5", date(2021, 3, 5)),
        (Cell.DAY, "2021.3.5", date(2021, 3, 5)),
        (Cell.DAY, "2021年3月5日", date(2021, 3, 5)),
        (Cell.WHOLE, "２０２１", 2021),
        (Cell.AMOUNT, "1200.50", Decimal("1200.50")),
        (Cell.YES_NO, "是", True),
        (Cell.YES_NO, "NO", False),
        (Cell.TEXT, " a\r\nb ", "a\nb"),
        (Cell.NAME, "-580 水平", "-580 水平"),
        (Cell.NAME, "   ", None),
    ],
)
def test_cells_are_read(cell: Cell, text: str, value: object) -> None:
    assert value_of(column(cell), text) == value


def test_a_choice_is_read_by_code_and_by_label() -> None:
    kinds = BY_WORD["projects"].column("kind")
    for text in ("driving_face_tbm", "掘进工作面（TBM）", "拥进工作面(tbm)"):
        assert value_of(kinds, text) == "driving_face_tbm"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell.DAY, "2021-02-30"), (Cell.DAY, "21-3-5"), (Cell.DAY, "2021-3月5"), (Cell.DAY, "44197"),
        (Cell.WHOLE, "1.5"), (Cell.WHOLE, "-1"), (Cell.WHOLE, "1" * 10), (Cell.WHOLE, "²"),
        (Cell.AMOUNT, "1,200"), (Cell.AMOUNT, "1e3"), (Cell.AMOUNT, "-1"), (Cell.AMOUNT, "nan"),
        (Cell.AMOUNT, "1" * 21),
        (Cell.YES_NO, "也许"), (Cell.CHOICE, "x"),
        (Cell.NAME, "=1+1"), (Cell.NAME, "@x"), (Cell.NAME, "长" * 101), (Cell.TEXT, "a\x00b"), (Cell.TEXT, "\ud800"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(cell: Cell, text: str) -> None:
    """With the column's name in both languages."""
    with pytest.raises(Unreadable, match=r"列.* / c"):
        value_of(column(cell, a="甲"), text)


@given(st.text())
def test_the_mark_comes_off_again(text: str) -> None:
    """And no text with it begins as a formula."""
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.data())
def test_every_value_is_read_back_from_its_text_and_its_json(data: st.DataObject) -> None:
    """With labels, with codes, and as JSON: the same value to the digit."""
    table = data.draw(st.sampled_from(TABLES))
    of = data.draw(st.sampled_from(table.columns))
    value = data.draw(values(of))
    for in_chinese in (True, False):
        text = text_of(of, value, in_chinese=in_chinese)
        assert (back := value_of(of, text)) == value
        assert str(back) == str(value)
    assert row_of(table, json_of({of.word: value})) == {of.word: value}


@pytest.mark.parametrize("given_", [{"nothing": 1}, {"mine": True}, {"mine": ["a"]}, {"rock_burst": 2}])
def test_json_that_does_not_fit_is_told(given_: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        row_of(BY_WORD["mines"], given_)
