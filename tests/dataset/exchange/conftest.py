"""Import of a table of another program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.exchange import table_files
from distdiag_core.dataset.exchange.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.dataset.case import Case


@dataclass(frozen=True, slots=True)
class Imported:
    """The one case of a table, and what was said about it."""

    case: Case
    notes: str


@pytest.fixture
def imported(tmp_path: Path) -> Callable[[str | bytes | Path], Imported]:
    """Imports the table that has this content, or is this file; `cpu_stress` is a known anomaly."""

    def run(table: str | bytes | Path) -> Imported:
        path = tmp_path / "t.csv"
        if isinstance(table, (str, bytes)):
            path.write_bytes(table.encode() if isinstance(table, str) else table)
        else:
            path = table
        told: list[str] = []
        notes = Notes(told.append, frozenset({"cpu_stress"}))
        (name,) = table_files.read(path, tmp_path / "in", notes=notes)
        return Imported(case_directory.read(tmp_path / "in" / name), "\n".join(told))

    return run
