"""Option files of MySQL clients, by which programs on a node log in to its observer."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        self._password = password

    def __repr__(self) -> str:
        return f"SqlAccount({self._sql.user}, {self._password!r})"

    async def option_file(self) -> str:
        """The text of an option file for a client that runs on the node itself.

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
