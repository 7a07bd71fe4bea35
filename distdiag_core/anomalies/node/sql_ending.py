"""The undoing of an injection in the database, and the proof that nothing is left; safe to repeat at any time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import sql_indexes, sql_parameter
from .sql_session import Session, end_sessions, sessions, wait_for
from .sql_tables import drop_scratch, scratch_exists

if TYPE_CHECKING:
    from .sql_session import Lease

_END_S = 30.0
_TIMEOUT_S = 60.0


def end(lease: Lease) -> None:
    """End the sessions of the injection, then revert what they did."""
    with Session(lease, query_timeout_s=_TIMEOUT_S, ending=True) as session:
        if not lease.lasts("indexes"):
            end_sessions(session, lease)
        # Killed while it makes an index, a session may leave the table locked for ever (seen with 4.3.5): the database
        # ends it by itself, since its client is gone.
        wait_for(lambda: not sessions(session, lease), _END_S, time.sleep)
        # Only what may be there is asked for: the dictionary answers slowly when the database is busy.
        if lease.lasts("indexes"):
            sql_indexes.drop(session, lease)
        if lease.lasts("database"):
            drop_scratch(session, lease)
    if lease.lasts("parameter"):
        sql_parameter.restore(lease)


def gone(lease: Lease) -> None:
    """Succeed only if nothing of the injection is left in the database."""
    with Session(lease, ending=True) as session:
        left = [f"session {number}" for number in sessions(session, lease)]
        if lease.lasts("indexes"):
            left += [f"index {index} of {schema}.{table}" for schema, table, index in sql_indexes.left(session, lease)]
        if lease.lasts("database") and scratch_exists(session, lease):
            left.append("its own database")
    if lease.lasts("parameter") and not sql_parameter.restored(lease):
        left.append("the parameter's value")
    if left:
        raise SystemExit(f"still there: {', '.join(left)}")
