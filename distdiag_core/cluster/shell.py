"""The interface of a shell on a node, over SSH or on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from distdiag_core.cluster.lines import last_line
from distdiag_core.errors import CommandFailedError, quoted

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command on a node."""

    node: str
    command: str
    status: int
    stdout: str
    stderr: str

    def check(self) -> CommandResult:
        """Itself, if the command succeeded.

        Raises:
            CommandFailedError: the exit status was not 0.
        """
        if self.status == 0:
            return self
        said = last_line(self.stderr) or "it said nothing"
        raise CommandFailedError(
            f"exit status {self.status}: {said}", where=f"{self.node}: {first_words(self.command)}"
        )


def first_words(command: str) -> str:
    """The beginning of a command, on one line, to name it by."""
    line = command.strip().partition("\n")[0]
    return line[:80] if line.isprintable() else quoted(line[:80])


class RemoteProcess(Protocol):
    """A program on a node, with a line protocol on its standard input and output."""

    async def write_line(self, line: str) -> None:
        """Send one line to its standard input."""

    async def read_until(self, end: str) -> str:
        """What it prints up to the line that equals `end`, which is left out.

        Raises:
            UnreachableError: the program or the connection ended.
        """

    async def read_line(self) -> str | None:
        """The next line that it prints, without its newline; None at the end."""


class Shell(Protocol):
    """Runs programs on one node. `command` is one shell command line, quoted by its maker."""

    node: str

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command` to its end.

        Raises:
            UnreachableError: no connection; the reason is in plain words.
            TimedOutError: no end within `timeout_s`.
            DataError: it prints more than any answer can be (`command_output.LIMITS`).
        """

    def process(self, command: str) -> AbstractAsyncContextManager[RemoteProcess]:
        """Run `command` for as long as the context lasts, then end it."""
