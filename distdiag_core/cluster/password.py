"""Passwords of SQL accounts, from the environment or from a command; kept in memory alone."""

from __future__ import annotations

import asyncio
import os
import shlex
import time
from asyncio.subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING

from distdiag_core.cluster.link import REFUSED_DELAY_S, AccountRefusedError
from distdiag_core.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import NodeSettings, SqlSettings

_TIMEOUT_S = 15.0
# A command may ask a server, or a person for a fingerprint.
_AGAIN_S = REFUSED_DELAY_S


def of_nodes(nodes: Iterable[NodeSettings]) -> dict[str, PasswordSource]:
    """The sources by node; nodes with the same settings share one, so that a command is run once for all of them."""
    shared: dict[tuple[str | None, str | None], PasswordSource] = {}
    found: dict[str, PasswordSource] = {}
    for node in nodes:
        if node.sql is None:
            raise AssertionError("the cluster file was not completed")
        key = (node.sql.password_env, node.sql.password_command)
        found[node.name] = shared.setdefault(key, PasswordSource(node.sql))
    return found


class PasswordSource:
    """The source of a password, which is never part of `repr`, an error or a log."""

    def __init__(self, sql: SqlSettings) -> None:
        self._variable = sql.password_env
        self._command = sql.password_command
        self._answer: str | AccountRefusedError | None = None
        self._doubted = False
        self._asked_s = 0.0
        self._asking = asyncio.Lock()

    def __repr__(self) -> str:
        return f"PasswordSource({self.described})"

    @property
    def described(self) -> str:
        """The kind of source in words, for the operator."""
        if self._variable is not None:
            return f"from the environment variable {self._variable}"
        return "from password_command" if self._command is not None else "empty: neither password_env nor _command"

    async def get(self) -> str:
        """The password; a command is run once and its answer remembered, for a minute also if it failed.

        Raises:
            AccountRefusedError: the variable is not set, or the command failed.
        """
        async with self._asking:
            if self._answer is None or (self._doubted and time.monotonic() - self._asked_s >= _AGAIN_S):
                self._answer, self._asked_s = await self._ask(), time.monotonic()
                self._doubted = isinstance(self._answer, AccountRefusedError)
        if isinstance(self._answer, AccountRefusedError):
            raise AccountRefusedError(self._answer.what, hint=self._answer.hint)
        return self._answer

    def hide(self, text: str) -> str:
        """The text with the password replaced, if the password is known."""
        known = os.environ.get(self._variable) if self._variable is not None else self._answer
        return text.replace(known, "***") if isinstance(known, str) and known else text

    def forget(self) -> None:
        """Ask again later, since the database did not accept the password: it may have been changed."""
        self._doubted = True

    async def _ask(self) -> str | AccountRefusedError:
        try:
            return await self._find()
        except AccountRefusedError as error:
            return error

    async def _find(self) -> str:
        if self._variable is not None:
            value = os.environ.get(self._variable)
            if value is None:
                raise AccountRefusedError(
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
        raise AccountRefusedError(f"password_command {quoted(name)} cannot be started: {error}") from None
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            out, _ = await program.communicate()
    except TimeoutError:
        raise AccountRefusedError(
            f"password_command {quoted(name)} did not end within {_TIMEOUT_S:g} s",
            hint="it must print the password without asking for anything",
        ) from None
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    if program.returncode != 0:
        raise AccountRefusedError(
            f"password_command {quoted(name)} ended with exit status {program.returncode}",
            hint="run it by hand to see why",
        )
    return out.decode(errors="replace").rstrip("\r\n")
