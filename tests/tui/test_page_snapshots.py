"""How the pages look: screens that fill the terminal, with a title bar that says where one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.canned_incidents import with_incidents
from tests.tui.test_snapshots import after

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Console
    from tests.tui.test_snapshots import Compare

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_incidents(snap_compare: Compare, console: Console, tmp_path: Path, size: tuple[int, int]) -> None:
    assert snap_compare(console(with_incidents(tmp_path)), terminal_size=size, run_before=after("I"))


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_incident(snap_compare: Compare, console: Console, tmp_path: Path, size: tuple[int, int]) -> None:
    assert snap_compare(console(with_incidents(tmp_path)), terminal_size=size, run_before=after("I", "enter"))
