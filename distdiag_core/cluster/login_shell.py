"""The start of a program through the login shell of an account, and what that shell said where it cannot."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.cluster import login_line
from distdiag_core.cluster.command_output import OutputLimits, read_output
from distdiag_core.cluster.lines import last_line
from distdiag_core.errors import DataError, UnreachableError, quoted

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHClientProcess

_HINT = "the account needs a login shell that runs commands, such as sh, bash, zsh, csh or fish"
# For what comes after the first line that is none of ours: the words of a refusal, or the output of start-up files,
# which takes long on a busy host.
_MORE_S = 2.0
_MOST_LINES = 200
_NAME_S = 2.0
_MOST_WORDS = 120
_NAME_LIMITS = OutputLimits(65536, 65536)


async def announced(connection: SSHClientConnection, process: SSHClientProcess[bytes], where: str) -> int:
    """The process group of `process`, which runs `login_line.LINE`; the output of start-up files is passed over.

    Raises:
        UnreachableError: the login shell does not start a POSIX shell; its name and its words.
    """
    line = await process.stdout.readline()
    if (group := login_line.announced(line)) is not None:
        return group
    said = [line]
    with suppress(TimeoutError):
        async with asyncio.timeout(_MORE_S):
            while line and len(said) < _MOST_LINES:
                line = await process.stdout.readline()
                if (group := login_line.announced(line)) is not None:
                    return group
                said.append(line)
    words = _words(b"".join(said)) or await _complaint(process)
    shell = " ".join(filter(None, ("the login shell", await _name(connection))))
    what = f"{shell} said {quoted(words)} instead of running it" if words else f"{shell} ended at once"
    raise UnreachableError(what, where=where, hint=_HINT)


async def _complaint(process: SSHClientProcess[bytes]) -> str:
    with suppress(TimeoutError):
        async with asyncio.timeout(_MORE_S):
            return _words(await process.stderr.read(4 * _MOST_WORDS))
    return ""


async def _name(connection: SSHClientConnection) -> str:
    """The path of the login shell as the account's environment names it; empty where it cannot be asked."""
    with suppress(TimeoutError, OSError, asyncssh.Error, DataError):
        async with asyncio.timeout(_NAME_S):
            process = await connection.create_process(login_line.NAME_LINE, stdin=asyncssh.DEVNULL, encoding=None)
            try:
                said, _ = await read_output(process.stdout.read, process.stderr.read, "login shell", _NAME_LIMITS)
            finally:
                process.close()
            name = last_line(said[:_MOST_WORDS])
            return name if name.startswith("/") and " " not in name else ""
    return ""


def _words(said: bytes) -> str:
    return said.decode(errors="replace").strip()[:_MOST_WORDS]
