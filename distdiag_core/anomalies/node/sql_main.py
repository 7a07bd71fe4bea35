"""The command line of the SQL anomalies on a node: `python3 "$LEASE"/sql.py VERB ...`, as `$LEASE/account`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import pymysql

from . import sql_cache, sql_ending, sql_indexes, sql_lock, sql_overload, sql_parameter, sql_slow
from .sql_session import Lease

if TYPE_CHECKING:
    from collections.abc import Callable

_VERBS: dict[str, Callable[..., None]] = {
    "lock": sql_lock.run,
    "slow": sql_slow.run,
    "overload": sql_overload.run,
    "indexes": sql_indexes.add,
    "hold-parameter": sql_parameter.hold,
    "flush-plans": sql_cache.run,
    "end": sql_ending.end,
    "gone": sql_ending.gone,
}
_ENDINGS = ("end", "gone")


def main() -> None:
    """Run the verb of the arguments; an error of the database is one line, not a traceback."""
    arguments = vars(_arguments())
    verb = arguments.pop("verb")
    lease = Lease()
    try:
        _VERBS[verb](lease, **arguments)
    except ConnectionRefusedError as error:
        # Sessions end with the database that they were in; what outlives it has to be taken back by asking it.
        if verb not in _ENDINGS or lease.lasts():
            sys.exit(f"the database is not there: {error}")
    except (pymysql.err.MySQLError, OSError) as error:
        sys.exit(f"the database says: {error.args[-1] if error.args else error}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    lock = verbs.add_parser("lock")
    lock.add_argument("--rows", type=int, required=True, help="of each table")
    lock.add_argument("--hold-s", type=float, required=True)
    lock.add_argument("--pause-s", type=float, required=True)
    slow = verbs.add_parser("slow")
    slow.add_argument("--clients", type=int, required=True)
    slow.add_argument("--joined", type=int, required=True, help="rows that are compared with each other")
    slow.add_argument("--pause-s", type=float, required=True, help="from an answer to the next question")
    slow.add_argument("--query-timeout-s", type=float, required=True)
    overload = verbs.add_parser("overload")
    overload.add_argument("--clients", type=int, required=True)
    overload.add_argument("--reach", type=int, required=True, help="rows of a read")
    indexes = verbs.add_parser("indexes")
    indexes.add_argument("--count", type=int, required=True)
    indexes.add_argument("--tables", type=int, required=True, help="that get some, the largest first")
    parameter = verbs.add_parser("hold-parameter")
    parameter.add_argument("name")
    parameter.add_argument("value", type=int)
    plans = verbs.add_parser("flush-plans")
    plans.add_argument("--flush-s", type=float, required=True, help="from one time to the next")
    for verb in _ENDINGS:
        verbs.add_parser(verb)
    return parser.parse_args()


if __name__ == "__main__":
    main()
