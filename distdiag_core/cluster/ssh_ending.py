"""How a program that was started over SSH is ended.

Closing the channel ends nothing, and sshd passes no signals on to what root runs. So every program first says its
process group, and that is ended by a second command over the same connection.
"""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHClientProcess

_SAY_GROUP = 'echo "distdiag $$"; exec /bin/sh -c "$1"'
# One command, so that the node goes through with it even when the connection breaks meanwhile.
_END_GROUP = """
signal() { kill -s "$1" -- "-$group" 2>/dev/null || kill -s "$1" "$group" 2>/dev/null; }
group=$1 left=10
signal TERM
while [ "$left" -gt 0 ] && signal 0; do left=$((left - 1)); sleep 0.1; done
signal KILL
"""


def wrapped(command: str) -> str:
    """A command line, for any login shell, that runs `command` with a POSIX shell and first says its process group."""
    return shlex.join(["exec", "/bin/sh", "-c", _SAY_GROUP, "distdiag", command])


def group(said: bytes, where: str) -> int:
    """The process group, from the first line that a wrapped command prints.

    Raises:
        UnreachableError: the login shell did not get so far.
    """
    match = re.fullmatch(rb"distdiag (\d{1,10})\r?\n", said)
    if match is None:
        words = said.decode(errors="replace").strip()[:80]
        raise UnreachableError(
            f"the login shell said {words!r} instead of running it" if words else "the login shell ended at once",
            where=where,
            hint="the user needs a shell on the node whose start-up files print nothing",
        )
    return int(match[1])


async def end(connection: SSHClientConnection, program: SSHClientProcess[bytes], its_group: int) -> None:
    """End `program` and its children: politely, then after a second by force; harmless when it has ended.

    On a node that does not answer it takes until the connection is given up.
    """
    try:
        with suppress(OSError, asyncssh.Error):
            if program.exit_status is None:
                await connection.run(shlex.join(["exec", "/bin/sh", "-c", _END_GROUP, "distdiag", str(its_group)]))
    finally:
        program.close()
