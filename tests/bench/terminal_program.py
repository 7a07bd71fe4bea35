"""A program on a terminal of its own, with what it costs."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WITHIN_S, _QUIET_S = 300.0, 0.15
# A sleeping console wakes now and then, and takes no more than that.
_LOOK_S, _IDLE_LOOKS, _IDLE_MS = 0.03, 3, 0.3
_ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}


class TerminalProgram:
    """A program and the reading end of its terminal.

    Attributes:
        began_s: when it was started, of the monotonic clock.
        pid: of its first process.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]) -> None:
        self.began_s = time.monotonic()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            columns, rows = size
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], list(command), os.environ | _ENVIRONMENT | dict(environment))  # noqa: S606
        self._processes = [psutil.Process(self.pid)]

    def close(self) -> None:
        """End it, and what it started."""
        children = self._processes[0].children(recursive=True)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        for child in children:
            if child.is_running():
                child.kill()
        os.close(self._terminal)

    def read_until(self, text: bytes) -> None:
        """Read until the terminal got a text.

        Raises:
            TimeoutError: it does not come.
        """
        seen, deadline_s = b"", time.monotonic() + _WITHIN_S
        while text not in seen:
            if not select.select([self._terminal], [], [], max(0.0, deadline_s - time.monotonic()))[0]:
                raise TimeoutError(f"{text.decode()!r} was not painted within {_WITHIN_S:.0f} s")
            seen += os.read(self._terminal, 65_536)

    def read_for(self, seconds: float) -> int:
        """Read for some time; how many bytes came."""
        count, deadline_s = 0, time.monotonic() + seconds
        while (left := deadline_s - time.monotonic()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                count += len(os.read(self._terminal, 65_536))
        return count

    def press(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self._terminal, keys)

    def key_to_paint_s(self, key: bytes) -> float:
        """From a key to the first bytes after it, on a terminal that has been silent just before."""
        self._read_until_silent()
        began_s = time.monotonic()
        self.press(key)
        select.select([self._terminal], [], [], _WITHIN_S)
        return time.monotonic() - began_s

    def _read_until_silent(self) -> None:
        while select.select([self._terminal], [], [], _QUIET_S)[0]:
            os.read(self._terminal, 65_536)

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
            wrote = bool(select.select([self._terminal], [], [], _LOOK_S)[0])
            if wrote:
                os.read(self._terminal, 65_536)
            before_ms, cpu_ms = cpu_ms, self.thread_cpu_ms()
            waits = thread.read_text().rpartition(")")[2].split()[0] == "R"
            looks = 0 if wrote or waits or cpu_ms - before_ms > _IDLE_MS else looks + 1

    def memory_mib(self) -> float:
        """Resident memory, of it and of the programs that it started."""
        resident: int = sum(each.memory_info().rss for each in self._running())
        return resident / 2**20

    def _running(self) -> list[psutil.Process]:
        first = self._processes[0]
        return [first, *first.children(recursive=True)]
