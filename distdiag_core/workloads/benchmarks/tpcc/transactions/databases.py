"""The databases that a transaction spans, and how it is committed on more than one of them.

In a cluster all nodes show the same tables: then every transaction is one of the database that the terminal is
connected to, and atomic. Where each node is a database of its own, as in the lab, what a transaction does to a
warehouse of another node goes through a second connection, to that node. The engine there refuses `XA START`, so that
these two parts cannot be committed as one. They are committed one after the other, the other node's first, once every
statement of both has succeeded. Killed or cut off in between, the other node has given stock away for an order, or a
customer has paid, that the home warehouse does not know of. What the consistency conditions 1 to 9 and 12 (clause
3.3.2) compare lies within one part: W_YTD, D_YTD and HISTORY, and orders with their lines, in the home warehouse's; a
customer's balance and payments in that of the customer's warehouse. So they hold after an end at any moment. Condition
10, which compares balances with HISTORY, spans both parts; it is not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.workloads.benchmarks.tpcc.transactions.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.workloads.benchmark import Endpoint

_COMMIT = "COMMIT"


class Databases:
    """Of one terminal.

    Args:
        elsewhere: the warehouses that its own database does not hold, each with the name of the node that does.
    """

    def __init__(self, home: Endpoint, elsewhere: Mapping[int, str], others: Mapping[str, Endpoint]) -> None:
        self.home = Session(home)
        self._elsewhere = elsewhere
        self._others = {node: Session(endpoint) for node, endpoint in others.items()}

    def of(self, warehouse: int) -> Session:
        """The one that holds `warehouse`."""
        node = self._elsewhere.get(warehouse)
        return self.home if node is None else self._others[node]

    def commit(self, others: set[Session], *last: str) -> None:
        """Commit everywhere, after the `last` statements at home; in the order that the module describes."""
        if not others:
            self.home.run(*last, _COMMIT)
            return
        if last:
            self.home.run(*last)
        for session in others:
            session.run(_COMMIT)
        self.home.run(_COMMIT)

    def undo(self) -> None:
        """Roll back everywhere."""
        for session in self._all():
            session.undo()

    def close(self) -> None:
        """End all connections."""
        for session in self._all():
            session.close()

    @property
    def statements(self) -> int:
        """That were sent, all in all."""
        return sum(session.statements for session in self._all())

    @property
    def statements_elsewhere(self) -> int:
        """Those of them that went to other nodes."""
        return self.statements - self.home.statements

    @property
    def connected(self) -> bool:
        """Whether the connection to its own node is there."""
        return self.home.connected

    def _all(self) -> tuple[Session, ...]:
        return self.home, *self._others.values()


def missing_rows(warehouse: int, what: str) -> DataError:
    """The error of a transaction that needs rows which the tables have lost, for instance `a customer`."""
    return DataError(f"warehouse {warehouse} lacks {what}", where="tpcc", hint="clean up and prepare again")
