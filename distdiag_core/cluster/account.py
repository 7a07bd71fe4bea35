"""The database account as programs on its own node take it: by a file that only they can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cluster.link import AccountRefusedError

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.password import PasswordSource


class SqlAccount:
    """The account of one node; like the source of its password, it never shows it."""

    def __init__(self, settings: NodeSettings, password: PasswordSource) -> None:
        if settings.sql is None:
            raise AssertionError("the cluster file was not completed")
        self._sql = settings.sql
        self._password = password

    def __repr__(self) -> str:
        return f"SqlAccount({self._sql.user}, {self._password!r})"

    async def option_file(self) -> str:
        """An option file of MySQL's clients, by which they reach the observer of the node that they run on.

        Raises:
            AccountRefusedError: there is no password, or it cannot stand in such a file.
        """
        password = await self._password.get()
        lines = ("[client]", "host=127.0.0.1", f"port={self._sql.port}", f"user={_quoted(self._sql.user)}")
        return "\n".join((*lines, f"password={_quoted(password)}"))


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise AccountRefusedError("the user or the password has characters that cannot be printed")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
