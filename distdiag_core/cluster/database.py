"""The interface of a connection to the database of a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

Value = str | int | float | bytes | None | object
Row = tuple[Value, ...]


class Database(Protocol):
    """The observer of one node, reached by the MySQL protocol."""

    node: str

    async def query(
        self, statement: str, parameters: Sequence[Value] = (), *, timeout_s: float | None = None
    ) -> list[Row]:
        """The rows that `statement` returns; an empty list where it returns none.

        Raises:
            UnreachableError: no connection, or it broke; the reason is in plain words.
            TimedOutError: no answer in time; the connection is given up and made anew.
            SqlError: the database refused the statement.
        """
