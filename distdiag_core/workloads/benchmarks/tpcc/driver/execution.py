"""One transaction from its input to its end, with what goes wrong on the way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pymysql

from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.workloads.benchmarks.tpcc.driver.deck import TransactionType
    from distdiag_core.workloads.benchmarks.tpcc.driver.transaction_tally import TransactionCounter
    from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases

_ATTEMPTS = 4
# A lock was not to be had in time, and a circle of such waits.
_CONFLICTS = frozenset({1205, 1213})
# A database that is gone is not asked more often than this by each terminal.
_PAUSE_S = 0.5


def execute(
    databases: Databases, kind: TransactionType, act: Callable[[], dict[str, int]], counter: TransactionCounter
) -> bool:
    """Do `act`, which says what else is to be counted; whether it was done in the end.

    An attempt that fails is an error, always. After a conflict with another transaction the next attempt has the same
    input, so that the mix stays as it was dealt; after anything else the transaction is given up.
    """
    began_s = time.monotonic()
    for _ in range(_ATTEMPTS):
        statements, elsewhere = databases.statements, databases.statements_elsewhere
        try:
            counts = act()
        except (pymysql.err.Error, DataError) as error:
            databases.undo()
            counter.fail(kind, f"{kind}: {said(error)}", statements=databases.statements - statements)
            if _code(error) in _CONFLICTS:
                continue
            if not databases.connected:
                time.sleep(_PAUSE_S)
            return False
        counter.finish(
            kind,
            1e3 * (time.monotonic() - began_s),
            {
                "statements": databases.statements - statements,
                "remote": int(databases.statements_elsewhere > elsewhere),
                **counts,
            },
        )
        return True
    return False


def said(error: Exception) -> str:
    """What the database said, or what we say of it, in one line."""
    if isinstance(error, DataError):
        return str(error)
    *code, text = error.args or ("",)
    return " ".join(f"{text} {code or ''}".split())


def _code(error: Exception) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0
