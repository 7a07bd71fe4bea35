"""The databases that a transaction spans, and its commit on more than one of them.

In a cluster whose nodes share their tables every transaction is atomic in the database of the terminal. Where each node
is a separate database, as in the lab, the statements on a warehouse of another node go through a second connection, to
that node. The engine there refuses `XA START`, so that both parts cannot be committed atomically: once every statement
of both has succeeded, the other node commits first, then the home node. A failure in between leaves stock taken for an
order, or a payment of a customer, that the home warehouse does not know of. The consistency conditions 1 to 9 and 12
(clause 3.3.2) each compare values of one part (W_YTD, D_YTD, HISTORY and orders with their lines in the home warehouse;
balance and payments of a customer in the customer's warehouse), and hold after a failure at any moment. Condition 10,
which compares balances with HISTORY, spans both parts and is not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.workloads.benchmarks.tpcc.transactions.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.workloads.endpoint import Endpoint

_COMMIT = "COMMIT"


class Databases:
    """The databases of one terminal.

    Args:
        home: database of the node of the terminal.
        elsewhere: warehouses that it does not hold, with the node that holds each.
        others: databases of those nodes, by node.
    """

    def __init__(self, home: Endpoint, elsewhere: Mapping[int, str], others: Mapping[str, Endpoint]) -> None:
        self.home = Session(home)
        self._elsewhere = elsewhere
        self._others = {node: Session(endpoint) for node, endpoint in others.items()}

    def of(self, warehouse: int) -> Session:
        """The database that holds `warehouse`."""
        node = self._elsewhere.get(warehouse)
        return self.home if node is None else self._others[node]

    def commit(self, others: set[Session], *last: str) -> None:
        """Execute the `last` statements at home, then commit in the order that the module describes."""
        if not others:
            self.home.run(*last, _COMMIT)
            return
        if last:
            self.home.run(*last)
        for session in others:
            session.run(_COMMIT)
        self.home.run(_COMMIT)

    def undo(self) -> None:
        """Roll back in all databases."""
        for session in self._all():
            session.undo()

    def close(self) -> None:
        """End all connections."""
        for session in self._all():
            session.close()

    @property
    def statements(self) -> int:
        """Number of statements sent."""
        return sum(session.statements for session in self._all())

    @property
    def statements_elsewhere(self) -> int:
        """Number of statements sent to other nodes."""
        return self.statements - self.home.statements

    @property
    def connected(self) -> bool:
        """Whether the connection to the node of the terminal is open."""
        return self.home.connected

    def _all(self) -> tuple[Session, ...]:
        return self.home, *self._others.values()


def missing_rows(warehouse: int, what: str) -> DataError:
    """The error of a transaction that needs rows which the tables have lost, for instance `a customer`."""
    return DataError(f"warehouse {warehouse} lacks {what}", where="tpcc", hint="clean up and prepare again")
