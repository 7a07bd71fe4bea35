"""The password of the database account: from the environment, or from a command; kept in memory alone."""

from __future__ import annotations

import asyncio
import os
import shlex
from asyncio.subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING

from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import SqlSettings

_TIMEOUT_S = 15.0


class PasswordSource:
    """Gives the password, and never shows it: not in `repr`, not in an error, not in a log."""

    def __init__(self, sql: SqlSettings) -> None:
        self._variable = sql.password_env
        self._command = sql.password_command
        self._password: str | None = None
        self._asking = asyncio.Lock()

    def __repr__(self) -> str:
        return f"PasswordSource({self.described})"

    @property
    def described(self) -> str:
        """Where it comes from, for the operator."""
        if self._variable is not None:
            return f"from the environment variable {self._variable}"
        return "from password_command" if self._command is not None else "empty: neither password_env nor _command"

    async def get(self) -> str:
        """The password; a command is run once and its answer remembered.

        Raises:
            UnreachableError: the variable is not set, or the command failed.
        """
        async with self._asking:
            if self._password is None:
                self._password = await self._find()
            return self._password

    def forget(self) -> None:
        """Ask again next time: the database did not accept it, so that it may have been changed."""
        self._password = None

    async def _find(self) -> str:
        if self._variable is not None:
            value = os.environ.get(self._variable)
            if value is None:
                raise UnreachableError(
                    f"the environment variable {self._variable}, which holds the password, is not set",
                    hint="set it before distdiag is started, or change sql.password_env",
                )
            return value
        return await _printed(self._command) if self._command is not None else ""


async def _printed(command: str) -> str:
    # What the command prints may be the secret, even when it fails: it is never repeated.
    name = command.partition(" ")[0]
    try:
        program = await asyncio.create_subprocess_exec(
            *shlex.split(command) or [""], stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
    except (OSError, ValueError) as error:
        raise UnreachableError(f"password_command {name!r} cannot be started: {error}") from None
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            out, _ = await program.communicate()
    except TimeoutError:
        raise UnreachableError(
            f"password_command {name!r} did not end within {_TIMEOUT_S:g} s",
            hint="it must print the password without asking for anything",
        ) from None
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    if program.returncode != 0:
        raise UnreachableError(
            f"password_command {name!r} ended with exit status {program.returncode}",
            hint="run it by hand to see why",
        )
    return out.decode(errors="replace").rstrip("\r\n")
