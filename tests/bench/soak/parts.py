"""The parts of the product that run for long in a soak: consoles in terminals, and `distdiag record`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from distdiag_core.recording.retention import SUFFIX
from tests.lab.terminal import Terminal
from tests.terminal_program import TerminalProgram

if TYPE_CHECKING:
    from pathlib import Path

_END_S = 20.0
_POLL_S = 0.1


@dataclass(slots=True)
class Life:
    """One process of a part, from its start to its end.

    Attributes:
        began_s, ended_s: by the wall clock.
        killed: the soak killed it.
        late: the file of its ticks, see `tests.bench.tick_lateness`.
        recordings: those that it had open when it was looked at.
    """

    number: int
    pid: int
    began_s: float
    late: Path
    ended_s: float | None = None
    killed: bool = False
    recordings: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Note which recordings it writes."""
        with suppress(psutil.Error):
            opened = psutil.Process(self.pid).open_files()
            self.recordings.update(each.path for each in opened if each.path.endswith(SUFFIX) and each.mode != "r")


class Part(ABC):
    """A part that is started, killed and started again.

    Args:
        directory: for its notes and its output.
    """

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self.directory = directory
        self.lives: list[Life] = []

    @property
    def life(self) -> Life:
        """The newest life."""
        return self.lives[-1]

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        try:
            return psutil.Process(self.life.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    @property
    def late_of_next(self) -> Path:
        """The file of the ticks of the life that begins next."""
        return self.directory / f"{self.name.replace(' ', '-')}-{len(self.lives)}.late"

    def start(self) -> None:
        """Begin a new life."""
        number, late, began_s = len(self.lives), self.late_of_next, time.time()
        pid = self._begin([sys.executable, "-m", "tests.bench.tick_lateness", str(late), "--cluster", "lab"])
        self.lives.append(Life(number, pid, began_s, late))

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.life.look()
        self.life.killed = True
        with suppress(ProcessLookupError):
            os.kill(self.life.pid, signal.SIGKILL)
        self.note_end()

    def note_end(self) -> None:
        """Note that it has ended, and take away what is left of its terminal."""
        self.life.ended_s = self.life.ended_s or time.time()
        self._take_away()

    def end(self) -> str:
        """End it as an operator does; the problem with that, empty where there is none."""
        if not self.alive:
            return f"{self.name} had ended by itself"
        self.life.look()
        self._ask_to_end()
        deadline_s = time.monotonic() + _END_S
        while self.alive and time.monotonic() < deadline_s:
            time.sleep(_POLL_S)
        problem = f"{self.name} did not end within {_END_S:.0f} s" if self.alive else ""
        self.kill() if problem else self.note_end()
        return problem

    @abstractmethod
    def _begin(self, command: list[str]) -> int: ...

    @abstractmethod
    def _ask_to_end(self) -> None: ...

    @abstractmethod
    def _take_away(self) -> None: ...


class TmuxConsole(Part):
    """A console in a tmux server of its own."""

    def __init__(self, name: str, directory: Path, columns: int, rows: int) -> None:
        super().__init__(name, directory)
        self._size = (columns, rows)
        self._terminal: Terminal | None = None

    @property
    def terminal(self) -> Terminal:
        """The terminal; there is one once it was started."""
        if self._terminal is None:
            raise AssertionError(f"{self.name} was not started")
        return self._terminal

    def _begin(self, command: list[str]) -> int:
        columns, rows = self._size
        self._terminal = Terminal(command, {"COLORTERM": "truecolor"}, columns=columns, rows=rows)
        self._terminal.__enter__()
        return self._terminal.pid

    def _ask_to_end(self) -> None:
        # Out of every dialog first; where something is injected, the question is answered by its last button.
        for key in ("Escape", "Escape", "Escape", "q"):
            with suppress(subprocess.SubprocessError):
                self.terminal.keys(key)
            time.sleep(5 * _POLL_S)

    def _take_away(self) -> None:
        if self._terminal is not None:
            self._terminal.__exit__(None, None, None)


class StallingConsole(Part):
    """A console on a pseudo-terminal whose reader can stop reading."""

    _SIZE = (200, 60)

    def __init__(self, name: str, directory: Path) -> None:
        super().__init__(name, directory)
        self.stalled = threading.Event()
        self._program: TerminalProgram | None = None

    @property
    def program(self) -> TerminalProgram:
        """The console on its terminal; there is one once it was started."""
        if self._program is None:
            raise AssertionError(f"{self.name} was not started")
        return self._program

    def _begin(self, command: list[str]) -> int:
        self._program = TerminalProgram(command, {}, self._SIZE)
        threading.Thread(target=self._read, args=(self._program,), daemon=True).start()
        return self._program.pid

    def press(self, keys: bytes) -> None:
        """Type keys."""
        self.program.press(keys)

    def _read(self, program: TerminalProgram) -> None:
        """Read what the console sends, unless it is stalled, until it has ended."""
        with suppress(OSError):
            while not program.ended:
                if self.stalled.is_set():
                    time.sleep(_POLL_S)
                else:
                    program.read(5 * _POLL_S)
        program.close()

    def _ask_to_end(self) -> None:
        self.stalled.clear()
        for key in (b"\x1b", b"\x1b", b"q"):
            self.press(key)
            time.sleep(5 * _POLL_S)

    def _take_away(self) -> None:
        if self._program is not None:
            self._program.wait(_END_S)


class Recorder(Part):
    """`distdiag record`, as a service runs it."""

    def __init__(self, name: str, directory: Path) -> None:
        super().__init__(name, directory)
        self._process: subprocess.Popen[bytes] | None = None

    def _begin(self, command: list[str]) -> int:
        with (self.directory / "recorder.out").open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "record"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        return self._process.pid

    def end(self) -> str:
        """End it by SIGTERM, after which its exit code has to be 0."""
        problem = super().end()
        status = self._process.returncode if self._process is not None else 0
        return problem or (f"{self.name} ended with exit code {status} after SIGTERM" if status else "")

    def _ask_to_end(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def _take_away(self) -> None:
        if self._process is not None:
            self._process.wait(_END_S)
