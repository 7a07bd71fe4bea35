"""Cache bottleneck: cached plans are flushed again and again, so that each query is compiled anew.

Only the plans of this node: what empties the cache of blocks does so on all nodes of a cluster.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pymysql

from . import sql_parameter
from .sql_session import Session

if TYPE_CHECKING:
    from .sql_session import Lease

_AGAIN_S = 1.0
_REPORT_S = 2.0


def run(lease: Lease, *, flush_s: float) -> None:
    """Flush the plans every `flush_s`, and watch the parameter that is held meanwhile."""
    while True:
        try:
            with Session(lease) as session:
                _flush(session, lease, flush_s)
        except (pymysql.err.MySQLError, OSError):
            # The database went away; it will be back.
            time.sleep(_AGAIN_S)


def _flush(session: Session, lease: Lease, flush_s: float) -> None:
    reported_s = float("-inf")
    while True:
        session.ask("ALTER SYSTEM FLUSH PLAN CACHE")
        if time.monotonic() - reported_s >= _REPORT_S:
            sql_parameter.report(session, lease)
            reported_s = time.monotonic()
        time.sleep(flush_s)
