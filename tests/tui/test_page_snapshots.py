"""How the pages look: screens that fill the terminal, with a title bar that says where one is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.recording import audit_log
from tests.tui.canned import NOW_S, broken, calm, troubled
from tests.tui.canned_graph import with_graph
from tests.tui.canned_incidents import with_incidents
from tests.tui.screens.test_compound_screens import under_way
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


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_graph(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(with_graph(troubled())), terminal_size=size, run_before=after("C"))


def test_graph_of_a_hundred_nodes(snap_compare: Compare, console: Console) -> None:
    app = console(with_graph(calm(100, hurt=1)))
    assert snap_compare(app, terminal_size=(200, 60), run_before=after("C"))


def test_graph_in_ascii(snap_compare: Compare, console: Console) -> None:
    app = console(with_graph(troubled()), glyphs="ascii", rgb=False)
    assert snap_compare(app, terminal_size=(80, 24), run_before=after("C"))


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_heat_map(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(with_graph(troubled())), terminal_size=size, run_before=after("H", "minus", "down"))


def test_heat_map_in_ascii(snap_compare: Compare, console: Console) -> None:
    app = console(with_graph(troubled()), glyphs="ascii", rgb=False)
    assert snap_compare(app, terminal_size=(80, 24), run_before=after("H"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_node(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(troubled()), terminal_size=size, run_before=after("down", "N"))


def test_node_that_is_broken(snap_compare: Compare, console: Console) -> None:
    assert snap_compare(console(broken()), terminal_size=(80, 24), run_before=after("down", "down", "N"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_sessions(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(troubled()), terminal_size=size, run_before=after("down", "N", "S"))


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_logbook(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    record = audit_log.AuditRecord("inject", "lab", ("n2",), NOW_S - 45, 1.25, "done", {"severity": "high"})
    audit_log.append(replace(record, what="clear all", result="failed", reason="n3: no answer for 5 s"))
    assert snap_compare(console(troubled()), terminal_size=size, run_before=after("L", "n", "2"))


def test_a_compound_injection_under_way(snap_compare: Compare, console: Console) -> None:
    assert snap_compare(console(under_way()), terminal_size=(120, 36), run_before=after("a"))


def test_a_preset_in_the_injection_dialog(snap_compare: Compare, console: Console) -> None:
    keys = ("i", "tab", "down", "space", "f7", "down", "down", "down", "enter")
    assert snap_compare(console(troubled()), terminal_size=(120, 36), run_before=after(*keys))


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_first_experiment(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(calm()), terminal_size=size, run_before=after("E"))
