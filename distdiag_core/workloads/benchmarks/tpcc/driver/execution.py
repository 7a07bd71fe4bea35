"""Execution of one transaction, with retries after conflicts and counting of errors."""

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
# Lock wait timeout and deadlock.
_CONFLICTS = frozenset({1205, 1213})
# Pause of a terminal between attempts to reconnect.
_PAUSE_S = 0.5


def execute(
    databases: Databases, kind: TransactionType, act: Callable[[], dict[str, int]], counter: TransactionCounter
) -> bool:
    """Execute `act`, which returns further counts, with up to four attempts; whether it succeeded.

    Each failed attempt counts as an error. After a conflict with another transaction the same input is tried again, so
    that the mix stays that of the deck; after any other error the transaction is given up.
    """
    began_s = time.monotonic()
    for _ in range(_ATTEMPTS):
        statements, elsewhere = databases.statements, databases.statements_elsewhere
        try:
            counts = act()
        except (pymysql.err.Error, DataError) as error:
            databases.undo()
            counter.fail(kind, f"{kind}: {error_text(error)}", statements=databases.statements - statements)
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


def error_text(error: Exception) -> str:
    """The message of an error in one line."""
    if isinstance(error, DataError):
        return str(error)
    *code, text = error.args or ("",)
    return " ".join(f"{text} {code or ''}".split())


def _code(error: Exception) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0
