"""A console in a real pseudo-terminal whose reader stops: cluster and console go on, and the screen is right after."""

from __future__ import annotations

import array
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.recording.reader import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WITHIN_S, _PAUSE_S = 120.0, 0.05
_CLUSTER = "name: mine\ninterval_s: 0.5\nnodes:\n  - {name: here, host: 127.0.0.1, connection: local}\n"
_OPEN = "from distdiag_tui.main import main; main()"
_COLUMNS, _ROWS = 200, 60
_HELP, _ESCAPE, _SCREENSHOT, _LOGBOOK = b"?", b"\x1b", b"s", b"L"


class Reader:
    """The reading end of a terminal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.seen = b""

    def press(self, keys: bytes) -> None:
        os.write(self._descriptor, keys)

    def unread(self) -> int:
        """Bytes that the program has sent and nobody has read."""
        count = array.array("i", [0])
        fcntl.ioctl(self._descriptor, termios.FIONREAD, count)
        return count[0]

    def read_until(self, text: bytes) -> None:
        self.seen = b""
        deadline_s = time.monotonic() + _WITHIN_S
        while text not in self.seen:
            assert select.select([self._descriptor], [], [], max(0.0, deadline_s - time.monotonic()))[0], self.seen
            self.seen += os.read(self._descriptor, 65_536)


@contextmanager
def _console(home: Path) -> Iterator[Reader]:
    file = home / "mine.yaml"
    file.write_text(_CLUSTER, encoding="ascii")
    places = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    environment = os.environ | places | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    pid, descriptor = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        os.execve(sys.executable, [sys.executable, "-c", _OPEN, "--config", str(file)], environment)  # noqa: S606
    try:
        yield Reader(descriptor)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(descriptor)


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

    with _console(tmp_path) as reader:
        reader.read_until(b"REC 0")
        _until(lambda: list(tmp_path.rglob("*.sqlite")))
        # Nobody reads from here on. Screens are opened and closed until nothing more fits.
        full = -1
        while full < (full := reader.unread()):
            before = ticks()
            reader.press((_HELP + _ESCAPE) * 4)
            _until(lambda: ticks() > before + 1)  # noqa: B023 - it is called at once
        before = ticks()
        _until(lambda: ticks() > before + 5)
        # The console still does what its keys say: its loop does not wait either.
        for number in range(1, 11):
            reader.press(_SCREENSHOT)
            _until(lambda: pictures() >= number)  # noqa: B023
        # A screen that was not shown before, so that its title is none of what was written earlier.
        reader.press(_LOGBOOK)
        reader.read_until(b"logbook")
