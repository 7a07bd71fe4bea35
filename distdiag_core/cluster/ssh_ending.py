"""How a program that was started over SSH is ended.

Closing the channel ends nothing, and sshd passes no signals on to what root runs. So every program first says its
process group, and that is ended by a second command over the same connection.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.cluster import login_line

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHClientProcess

# One command, so that the node goes through with it even when the connection breaks meanwhile.
_END_GROUP = """
signal() { kill -s "$1" -- "-$group" 2>/dev/null || kill -s "$1" "$group" 2>/dev/null; }
group=%d left=10
signal TERM
while [ "$left" -gt 0 ] && signal 0; do left=$((left - 1)); sleep 0.1; done
signal KILL
"""


async def end(connection: SSHClientConnection, program: SSHClientProcess[bytes], its_group: int) -> None:
    """End `program` and its children: politely, then after a second by force; harmless when it has ended.

    On a node that does not answer it takes until the connection is given up.
    """
    try:
        # asyncssh asserts that a channel still has its connection, which may break while the channel opens.
        with suppress(OSError, asyncssh.Error, AssertionError):
            if program.exit_status is None:
                # The login shell has shown with `program` that it starts a POSIX shell: no need to wait for it again.
                script = login_line.script_line(_END_GROUP % its_group)
                await connection.run(
                    login_line.LINE, input=script, stdout=asyncssh.DEVNULL, stderr=asyncssh.DEVNULL, encoding=None
                )
    finally:
        program.close()
