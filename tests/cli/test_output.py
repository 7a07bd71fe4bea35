"""What nodes say is shown, and never obeyed by the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cli.output import say, table

if TYPE_CHECKING:
    import pytest


def test_talk_keeps_its_lines_and_nothing_else_that_moves_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    say("n1: \x1b[2Jgone\r\nask again: é")
    assert capsys.readouterr().err == "n1: ?[2Jgone?\nask again: é\n"


def test_a_cell_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    table(("NODE", "DETAIL"), [("n1", "half\n\x1b]0;a title\x07"), ("n2", "well")])
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.index("DETAIL") == first.index("half??]0;a title?") == second.index("well")
