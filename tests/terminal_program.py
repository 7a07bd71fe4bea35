"""A program on a terminal of its own, with what it costs."""

from __future__ import annotations

import array
import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WITHIN_S, _QUIET_S = 300.0, 0.15
_PIECE, _TOLD = 65_536, 2_000
# A sleeping console wakes now and then, and takes no more than that.
_LOOK_S, _IDLE_LOOKS, _IDLE_MS = 0.03, 3, 0.3
_ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}


class TerminalProgram:
    """A program and the reading end of its terminal.

    Args:
        size: columns and rows.

    Attributes:
        began_s: when it was started, of the monotonic clock.
        pid: of its first process.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]) -> None:
        self.began_s = time.monotonic()
        self._terminal, inner = pty.openpty()
        termios.tcsetwinsize(inner, size[::-1])
        # Not `pty.fork`, whose child goes on in Python: another thread may hold a lock there.
        self._program = subprocess.Popen(
            ("setsid", "--ctty", *command),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=os.environ | _ENVIRONMENT | dict(environment),
        )
        os.close(inner)
        self.pid = self._program.pid
        self._process = psutil.Process(self.pid)

    @property
    def ended(self) -> bool:
        """Whether its first process has ended."""
        return self._program.poll() is not None

    def wait(self, within_s: float) -> None:
        """Wait for the end of its first process.

        Raises:
            TimeoutExpired: it does not end.
        """
        self._program.wait(within_s)

    def close(self) -> None:
        """End it, and what it started."""
        children = []
        with suppress(psutil.NoSuchProcess):
            children = self._process.children(recursive=True)
        self._program.kill()
        self._program.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        os.close(self._terminal)

    def read(self, within_s: float) -> bytes:
        """What comes next; empty where nothing comes within this time.

        Raises:
            OSError: it has ended, and all was read.
        """
        return os.read(self._terminal, _PIECE) if self._writes(within_s) else b""

    def _writes(self, within_s: float) -> bool:
        """Whether there is something to read within this time."""
        return bool(select.select([self._terminal], [], [], max(0.0, within_s))[0])

    def unread(self) -> int:
        """How many bytes it has written and nobody has read."""
        count = array.array("i", [0])
        fcntl.ioctl(self._terminal, termios.FIONREAD, count)
        return count[0]

    def read_to_end(self) -> list[tuple[float, int]]:
        """Read until it has ended; when how many bytes came, of the monotonic clock."""
        received: list[tuple[float, int]] = []
        # A pseudo-terminal whose other end is closed cannot be read any more.
        with suppress(OSError):
            while piece := self.read(_WITHIN_S):
                received.append((time.monotonic(), len(piece)))
        return received

    def read_until(self, text: bytes) -> None:
        """Read until the terminal got a text.

        Raises:
            TimeoutError: it does not come.
        """
        seen, deadline_s = b"", time.monotonic() + _WITHIN_S
        while text not in seen:
            piece = self.read(deadline_s - time.monotonic())
            if not piece:
                raise TimeoutError(f"{text!r} was not painted within {_WITHIN_S:.0f} s, but {seen[-_TOLD:]!r}")
            seen += piece

    def read_for(self, seconds: float) -> int:
        """Read for some time; how many bytes came."""
        count, deadline_s = 0, time.monotonic() + seconds
        while (left := deadline_s - time.monotonic()) > 0:
            count += len(self.read(left))
        return count

    def press(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self._terminal, keys)

    def key_to_paint_s(self, key: bytes) -> float:
        """From a key to the first bytes after it, on a terminal that has been silent just before."""
        self._read_until_silent()
        began_s = time.monotonic()
        self.press(key)
        self._writes(_WITHIN_S)
        return time.monotonic() - began_s

    def _read_until_silent(self) -> None:
        while self.read(_QUIET_S):
            pass

    def cpu_s(self) -> float:
        """CPU time so far, of its threads and of the programs that it started."""
        times = [each.cpu_times() for each in self._running()]
        return sum(each.user + each.system + each.children_user + each.children_system for each in times)

    def thread_cpu_ms(self) -> float:
        """CPU time of its first thread, which has the loop of a console."""
        return int(Path(f"/proc/{self.pid}/task/{self.pid}/schedstat").read_text().split()[0]) / 1e6

    def key_cpu_ms(self, key: bytes) -> float:
        """CPU time of its first thread from a key until it is idle again."""
        self.read_until_idle()
        before_ms = self.thread_cpu_ms()
        self.press(key)
        self.read_until_idle()
        return self.thread_cpu_ms() - before_ms

    def read_until_idle(self) -> None:
        """Read until its first thread sleeps, and has neither run nor written for some looks."""
        looks, cpu_ms, thread = 0, -1.0, Path(f"/proc/{self.pid}/task/{self.pid}/stat")
        while looks < _IDLE_LOOKS:
            wrote = bool(self.read(_LOOK_S))
            before_ms, cpu_ms = cpu_ms, self.thread_cpu_ms()
            waits = thread.read_text().rpartition(")")[2].split()[0] == "R"
            looks = 0 if wrote or waits or cpu_ms - before_ms > _IDLE_MS else looks + 1

    def memory_mib(self) -> float:
        """Resident memory, of it and of the programs that it started."""
        resident: int = sum(each.memory_info().rss for each in self._running())
        return resident / 2**20

    def _running(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]
