"""A real terminal, in tmux, with the console in it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

_PAUSE_S = 0.1


class Terminal:
    """Types keys and reads the screen; a tmux server of its own, so that nobody else's sessions are touched.

    Args:
        command: what runs in it.
        environment: beside ours.
    """

    def __init__(
        self, command: list[str], environment: Mapping[str, str], *, columns: int = 120, rows: int = 36
    ) -> None:
        self._socket = f"distdiag-test-{uuid.uuid4().hex[:8]}"
        self._command = command
        self._environment = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | dict(environment)
        self._size = ("-x", str(columns), "-y", str(rows))

    def __enter__(self) -> Self:
        exported = [f"{name}={value}" for name, value in self._environment.items()]
        # So that the program itself, and not a shell around it, is the process of the pane.
        # What pytest says of the width of its own output is not that of this terminal.
        command = f"exec {shlex.join(['env', '-u', 'COLUMNS', '-u', 'LINES', *exported, *self._command])}"
        self._tmux("-f", os.devnull, "new-session", "-d", *self._size, command)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self.alive:
            sys.stderr.write(self.screen())
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)

    @property
    def alive(self) -> bool:
        """Whether the program in it still runs."""
        ended = subprocess.run(["tmux", "-L", self._socket, "has-session"], capture_output=True, check=False)
        return ended.returncode == 0

    @property
    def pid(self) -> int:
        """The process of the program in it."""
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def screen(self) -> str:
        """What it shows."""
        return self._tmux("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self._tmux("send-keys", *keys)

    def wait(self, condition: Callable[[str], bool], what: str, *, within_s: float) -> str:
        """The screen as soon as `condition` holds of it."""
        deadline_s = time.monotonic() + within_s
        while not condition(screen := self.screen()):
            if time.monotonic() > deadline_s:
                raise AssertionError(f"not within {within_s:g} s: {what}\n{screen}")
            time.sleep(_PAUSE_S)
        return screen

    def wait_end(self, *, within_s: float) -> None:
        """Until the program has ended."""
        deadline_s = time.monotonic() + within_s
        while self.alive:
            if time.monotonic() > deadline_s:
                raise AssertionError(f"not within {within_s:g} s: the program ends\n{self.screen()}")
            time.sleep(_PAUSE_S)

    def _tmux(self, *arguments: str) -> str:
        ended = subprocess.run(
            ["tmux", "-L", self._socket, *arguments], capture_output=True, text=True, check=True, timeout=30
        )
        return ended.stdout
