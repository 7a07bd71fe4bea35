"""What the SQL anomalies do on a node: `python3 "$LEASE"/sql.py VERB ...`; `$LEASE/account` says as whom."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import pymysql

from . import sql_lock, sql_overload, sql_slow
from .sql_session import Lease, Session, end_sessions, sessions, wait_for
from .sql_tables import drop_scratch, scratch_exists

if TYPE_CHECKING:
    from collections.abc import Callable

_GONE_S = 5.0


def end(lease: Lease) -> None:
    """End the injection's sessions, and drop what it made for itself."""
    with Session(lease) as session:
        end_sessions(session, lease)
        wait_for(lambda: not sessions(session, lease), _GONE_S, time.sleep)
        drop_scratch(session, lease)


def gone(lease: Lease) -> None:
    """Succeed only if the database has nothing of the injection."""
    with Session(lease) as session:
        left = [f"session {number}" for number in sessions(session, lease)]
        if scratch_exists(session, lease):
            left.append("its own database")
    if left:
        raise SystemExit(f"still there: {', '.join(left)}")


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
    slow.add_argument("--query-timeout-s", type=float, required=True)
    overload = verbs.add_parser("overload")
    overload.add_argument("--clients", type=int, required=True)
    overload.add_argument("--reach", type=int, required=True, help="rows of a read")
    verbs.add_parser("end")
    verbs.add_parser("gone")
    return parser.parse_args()


_VERBS: dict[str, Callable[..., None]] = {
    "lock": sql_lock.run,
    "slow": sql_slow.run,
    "overload": sql_overload.run,
    "end": end,
    "gone": gone,
}


def main() -> None:
    """Do what the arguments say; a database that refuses is one line, not a traceback."""
    arguments = vars(_arguments())
    verb = _VERBS[arguments.pop("verb")]
    try:
        verb(Lease(), **arguments)
    except (pymysql.err.MySQLError, OSError) as error:
        sys.exit(f"the database says: {error.args[-1] if error.args else error}")


if __name__ == "__main__":
    main()
