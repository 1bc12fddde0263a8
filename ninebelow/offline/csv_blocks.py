"""A CSV stream as blocks of whole rows, and the borders of their fields, many rows at once.

Plain blocks are the file's own bytes. From the first block with a quote on, Python's `csv` module cuts the
fields (RFC 4180, lenient as it is), and they are joined again by two control characters, so that what comes
after never meets a quote.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from rules.series import Instants

BLOCK_BYTES: Final = 8 * 2**20
QUOTED_ROWS: Final = 20_000  # rows of one re-joined block: more of them keep the garbage collector busy
PADDING: Final = 8  # bytes after a block, so that eight may be read from any place in it

_FIELD_END: Final = "\x1f"
_ROW_END: Final = "\x1e"
_NO_ENDS: Final = str.maketrans({_FIELD_END: "\ufffd", _ROW_END: "\ufffd"})

Bytes = NDArray[np.uint8]


class NotATable(Exception):
    """No rows can be found from `line` on."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows as bytes: fields apart by `field_end`, each row closed by `row_end`."""

    data: bytes
    field_end: int
    row_end: int
    lines: Instants | range  # the line of each row_end's row
    faults: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a block that have the right number of fields, and what is wrong with the others."""

    data: Bytes  # padded
    begin: Instants
    borders: NDArray[np.int64]  # rows x (fields - 1)
    end: Instants
    lines: Instants
    faults: tuple[tuple[int, str], ...]

    def column(self, place: int) -> tuple[Instants, Instants]:
        """Where the fields of one column start, and their lengths in bytes."""
        start = self.begin if place == 0 else self.borders[:, place - 1] + 1
        end = self.borders[:, place] if place < self.borders.shape[1] else self.end
        return start, end - start


def blocks(stream: BinaryIO, first_line: int) -> Iterator[Block]:
    """The rest of a stream, whose next line is `first_line`."""
    line, tail = first_line, b""
    while read := stream.read(BLOCK_BYTES):
        data = tail + read
        if b'"' in data:
            yield from _quoted_blocks(data, stream, line)
            return
        cut = data.rfind(b"\n") + 1
        if cut == 0 and len(data) > BLOCK_BYTES:
            raise NotATable(line, f"a line of over {BLOCK_BYTES >> 20} MiB: not a CSV file")
        data, tail = data[:cut], data[cut:]
        count = data.count(b"\n")
        if count:
            yield Block(data, ord(","), ord("\n"), range(line, line + count))
        line += count
    if tail:
        yield Block(tail + b"\n", ord(","), ord("\n"), range(line, line + 1))


def _quoted_blocks(head: bytes, stream: BinaryIO, first_line: int) -> Iterator[Block]:
    reader = csv.reader(_text_lines(head, stream))
    lines: list[int] = []
    rows: list[list[str]] = []
    faults: list[tuple[int, str]] = []
    more = True
    while more:
        line = first_line + reader.line_num
        try:
            fields = next(reader, None)
        except csv.Error as error:
            faults.append((line, f"not CSV: {error}"))
            continue
        more = fields is not None
        if fields:
            lines.append(line)
            rows.append(fields)
        if len(rows) == QUOTED_ROWS or not more:
            data = _joined(rows).encode("utf-8", "surrogateescape")
            yield Block(data, ord(_FIELD_END), ord(_ROW_END), np.array(lines, np.int64), tuple(faults))
            lines, rows, faults = [], [], []


def _joined(rows: list[list[str]]) -> str:
    """The rows with the ends that blocks know; should a field hold one of these, it is replaced."""
    text = "".join(_FIELD_END.join(fields) + _ROW_END for fields in rows)
    if text.count(_ROW_END) == len(rows) and text.count(_FIELD_END) == sum(map(len, rows)) - len(rows):
        return text
    return _joined([[field.translate(_NO_ENDS) for field in fields] for fields in rows])


def _text_lines(head: bytes, stream: BinaryIO) -> Iterator[str]:
    """Lines with their ends; bytes that are no UTF-8 pass as surrogates and are found later."""
    *whole, last = head.split(b"\n")
    lines = chain((line + b"\n" for line in whole), (last + stream.readline(),), stream)
    return (line.decode("utf-8", "surrogateescape") for line in lines)


def cut(block: Block, field_count: int) -> Rows:
    """Find the fields of a block's rows."""
    data = np.frombuffer(block.data + bytes(PADDING), dtype=np.uint8)
    own = data[: len(block.data)]
    close = np.flatnonzero(own == block.row_end)
    begin = np.append(0, close[:-1] + 1)[: close.size]
    end = close
    if block.row_end == ord("\n"):
        end = close - ((own[close - 1] == ord("\r")) & (close > begin))
    between = np.flatnonzero(own == block.field_end)
    lines = np.asarray(block.lines, dtype=np.int64)
    faults = block.faults if block.data.isascii() else (*block.faults, *_not_utf8(block, begin, end, lines))
    if between.size == close.size * (field_count - 1) and field_count > 1:
        borders = between.reshape(-1, field_count - 1)
        if bool((borders[:, 0] >= begin).all() and (borders[:, -1] < close).all()):
            return Rows(data, begin, borders, end, lines, faults)
    count = np.searchsorted(between, close) - np.searchsorted(between, begin)
    blank = end == begin
    good = (count == field_count - 1) & ~blank
    odd = np.flatnonzero(~good & ~blank)
    faults += tuple(
        (line, f"{fields} fields where the header has {field_count}")
        for line, fields in zip(lines[odd].tolist(), (count[odd] + 1).tolist(), strict=True)
    )
    borders = between[np.repeat(good, count)].reshape(np.count_nonzero(good), field_count - 1)
    return Rows(data, begin[good], borders, end[good], lines[good], faults)


def _not_utf8(block: Block, begin: Instants, end: Instants, lines: Instants) -> Iterator[tuple[int, str]]:
    try:
        block.data.decode("utf-8")
    except UnicodeDecodeError:
        for first, last, line in zip(begin.tolist(), end.tolist(), lines.tolist(), strict=True):
            try:
                block.data[first:last].decode("utf-8")
            except UnicodeDecodeError:
                yield line, "not UTF-8; save the file as UTF-8"
