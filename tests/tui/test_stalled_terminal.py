"""A console in a real pseudo-terminal whose reader stops: cluster and console go on, and the screen is right after."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.recording.reader import Recording
from tests.terminal_program import TerminalProgram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WITHIN_S, _PAUSE_S = 120.0, 0.05
_CLUSTER = "name: mine\ninterval_s: 0.5\nnodes:\n  - {name: here, host: 127.0.0.1, connection: local}\n"
_OPEN = "from distdiag_tui.main import main; main()"
_SIZE = (200, 60)
_HELP, _ESCAPE, _SCREENSHOT, _LOGBOOK = b"?", b"\x1b", b"s", b"L"


@contextmanager
def _console(home: Path) -> Iterator[TerminalProgram]:
    file = home / "mine.yaml"
    file.write_text(_CLUSTER, encoding="ascii")
    places = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    console = TerminalProgram((sys.executable, "-c", _OPEN, "--config", str(file)), places, _SIZE)
    try:
        yield console
    finally:
        console.close()


def _until(condition: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + _WITHIN_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(_PAUSE_S)


def test_nothing_waits_for_a_terminal_that_is_not_read(tmp_path: Path) -> None:
    def ticks() -> int:
        (path,) = tmp_path.rglob("*.sqlite")
        try:
            with Recording(path) as recording:
                return len(recording.ticks()[0])
        except DataError:
            # Its first rows are still to be written.
            return 0

    def pictures() -> int:
        return len(list(tmp_path.rglob("*.svg")))

    with _console(tmp_path) as console:
        console.read_until(b"REC 0")
        _until(lambda: list(tmp_path.rglob("*.sqlite")))
        # Nobody reads from here on. Screens are opened and closed until nothing more fits.
        full = -1
        while full < (full := console.unread()):
            before = ticks()
            console.press((_HELP + _ESCAPE) * 4)
            _until(lambda: ticks() > before + 1)  # noqa: B023 - it is called at once
        before = ticks()
        _until(lambda: ticks() > before + 5)
        # The console still does what its keys say: its loop does not wait either.
        for number in range(1, 11):
            console.press(_SCREENSHOT)
            _until(lambda: pictures() >= number)  # noqa: B023
        # A screen that was not shown before, so that its title is none of what was written earlier.
        console.press(_LOGBOOK)
        console.read_until(b"logbook")
