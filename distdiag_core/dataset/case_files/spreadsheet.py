"""Texts in CSV cells that a spreadsheet would run as a formula, written so that it does not.

A leading apostrophe makes a cell text in a spreadsheet. It is added where one is needed and removed when the cell is
read, and a text of that form gets one more, so that every text is read as it was.
"""

from __future__ import annotations

import re

# Full-width forms are taken for the plain ones by some programs.
_FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - the full-width forms are meant


def safe_cell(text: str) -> str:
    """The cell of a text that is no figure."""
    return f"'{text}" if _FORMULA.match(text.lstrip("'")) else text


def cell_text(cell: str) -> str:
    """The text of a cell that `safe_cell` wrote."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell.lstrip("'")) else cell
