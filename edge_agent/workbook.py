"""One sheet of an XLSX file, with the limits and the errors of a point table."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from contract import workbook
from contract.errors import Fault, Misconfigured
from contract.workbook import ROWS_MAX, UNPACKED_BYTES_MAX, NotAWorkbook, Sheet, TooLarge

__all__ = ["FILE_BYTES_MAX", "ROWS_MAX", "UNPACKED_BYTES_MAX", "Sheet", "sheet_in"]

FILE_BYTES_MAX: Final = 16 * 2**20


def sheet_in(file: Path, name: str) -> Sheet:
    """The sheet of that name, or the first; raises `Misconfigured` if there is none to be read."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise TooLarge(f"larger than {FILE_BYTES_MAX >> 20} MiB")
        return workbook.sheet_in(file.read_bytes(), name)
    except OSError as error:
        raise Misconfigured([Fault(str(file), None, f"cannot be read: {error.strerror or error}")]) from error
    except TooLarge as error:
        raise Misconfigured([Fault(str(file), None, f"no point table: {error}")]) from error
    except NotAWorkbook as error:
        raise Misconfigured([Fault(str(file), None, str(error))]) from error
