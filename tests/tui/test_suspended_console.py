"""A console that is suspended as a job of a shell, and continued by it."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from typing import TYPE_CHECKING

from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import Button

from distdiag_tui.screens.main import MainScreen
from distdiag_tui.screens.question import Question
from distdiag_tui.widgets.line_view import LineView
from tests.terminal_program import TerminalProgram
from tests.tui.canned import calm, troubled
from tests.tui.conftest import until
from tests.tui.walking import notifications

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.tui.conftest import Running

_SUSPEND = b"\x1a"
_LEAVES_SCREEN, _ENTERS_SCREEN = b"\x1b[?1049l", b"\x1b[?1049h"


def test_a_shell_gets_its_terminal_back_and_continues_the_console(tmp_path: Path) -> None:
    places = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    shell = TerminalProgram(("bash", "--norc", "--noprofile", "-i"), places | {"PS1": "$ "}, (200, 60))
    try:
        # Behind another program, as of a launcher, which is the job that the shell knows.
        console = [sys.executable, "-c", "from distdiag_tui.main import main; main()", "--cluster", "sim:3"]
        launcher = [sys.executable, "-c", "import subprocess, sys; subprocess.call(sys.argv[1:])", *console]
        shell.press(shlex.join(launcher).encode() + b"\n")
        shell.read_until(b"EVENTS")
        shell.press(_SUSPEND)
        shell.read_until(_LEAVES_SCREEN)
        shell.press(b"echo it is $((40 + 2))\n")
        shell.read_until(b"it is 42")
        shell.press(b"fg\n")
        shell.read_until(_ENTERS_SCREEN)
        shell.read_until(b"EVENTS")
        shell.press(b"?")
        shell.read_until(b"Which nodes move together")
    finally:
        shell.close()


async def test_without_a_shell_nothing_is_suspended(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("ctrl+z")
        assert any("no shell" in line for line in notifications(pilot))


async def test_while_something_goes_on_it_is_asked_first(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    # A terminal with a shell behind it, which leads the session.
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    monkeypatch.setattr(os, "getpgid", lambda _: -1)
    stopped: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda _group, number: stopped.append(number))
    async with running(troubled()) as pilot:
        await pilot.press("ctrl+z")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        assert "begins nothing that is to come" in pilot.app.screen.query_one(LineView).text
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen))
        assert stopped == []
        await pilot.press("ctrl+z")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        pilot.app.screen.query_one("#suspend", Button).press()
        await until(pilot, lambda: stopped)
    assert stopped == [signal.SIGSTOP]
