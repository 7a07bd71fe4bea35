"""SQL accounts: option files, by which programs on a node log in to its observer, and the names in GRANT."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from distdiag_core.cluster import tls
from distdiag_core.cluster.link import AccountRefusedError

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.password import PasswordSource


class SqlAccount:
    """The SQL account of one node; its password is never part of `repr` or of an error."""

    def __init__(self, settings: NodeSettings, password: PasswordSource) -> None:
        if settings.sql is None:
            raise AssertionError("the cluster file was not completed")
        self._sql = settings.sql
        self._host = settings.host
        self._password = password

    def __repr__(self) -> str:
        return f"SqlAccount({self._sql.user}, {self._password!r})"

    async def option_file(self) -> str:
        """The text of an option file for a client that runs on the node itself.

        Raises:
            AccountRefusedError: there is no password, or it cannot stand in such a file.
            UnreachableError: a certificate cannot be read.
        """
        password = await self._password.get()
        lines = ("[client]", "host=127.0.0.1", f"port={self._sql.port}", f"user={_quoted(self._sql.user)}")
        return "\n".join((*lines, f"password={_quoted(password)}", *self._tls_lines()))

    def _tls_lines(self) -> tuple[str, ...]:
        """The certificates themselves, since a node has no files of this machine."""
        if self._sql.tls is None:
            return ()
        found = tls.read(self._sql.tls, self._host)
        values = {"tls-host": found.host, "tls-verify": found.verify, "tls-ca": found.ca, "tls-client": found.client}
        return tuple(f"{key}={json.dumps(value)}" for key, value in values.items())


def name_in_grant(user: str) -> str:
    """The account as GRANT names it: without its tenant, whose own statement it is."""
    return "'" + user.partition("@")[0].replace("\\", "\\\\").replace("'", "''") + "'"


def grant_of_views(user: str) -> str:
    """The statement that lets an account read the views of the engine."""
    return f"GRANT SELECT ON oceanbase.* TO {name_in_grant(user)}"


def account_of(settings: NodeSettings) -> str:
    """The account by which distdiag asks a node's database, as GRANT names it."""
    return name_in_grant(settings.sql.user if settings.sql is not None else "")


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise AccountRefusedError("the user or the password has characters that cannot be printed")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
