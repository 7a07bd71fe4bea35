"""How long the server lets a statement take, where it limits that: OceanBase does, MySQL and MariaDB do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from distdiag_core.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Row, Value

_NO_SUCH_VARIABLE = 1193


class Session(Protocol):
    """A connection whose statements are to be limited."""

    async def query(self, statement: str, parameters: Sequence[Value]) -> list[Row]:
        """The rows that a statement returns."""


async def limit(session: Session, seconds: float) -> None:
    """Let every statement of this session take so long.

    Raises:
        DistdiagError: the connection broke, or the server refused it.
    """
    try:
        await session.query("SET SESSION ob_query_timeout = %s", (round(seconds * 1e6),))
    except SqlError as error:
        if error.code != _NO_SUCH_VARIABLE:
            raise
