"""Sessions of a database: one that is blocked, the one that blocks it, a slow one and some that are idle."""

from __future__ import annotations

from distdiag_core.operations.session_list import DatabaseSession
from distdiag_core.operations.top_sql import SqlStatement

SESSIONS = (
    DatabaseSession(
        3221488062,
        "shop",
        "10.0.0.21:45010",
        "orders",
        "Query",
        "ACTIVE",
        42.4,
        "UPDATE stock SET quantity = quantity - 1 WHERE item_id = 4711",
        blocked_by=(3221488058,),
    ),
    DatabaseSession(3221488058, "batch", "10.0.0.22:45096", "orders", "Sleep", "SLEEP", 40.1, ""),
    DatabaseSession(
        3221488101,
        "report",
        "10.0.0.23:51234",
        "orders",
        "Query",
        "ACTIVE",
        7.25,
        "SELECT region, SUM(amount)\nFROM line_items JOIN customers USING (customer_id)\x1b[31m\nGROUP BY region",
    ),
    DatabaseSession(
        3221487774, "watcher", "10.0.0.5:45088", "", "Query", "ACTIVE", 0.02, "SELECT ID FROM sessions", own=True
    ),
    DatabaseSession(3221488201, "shop", "10.0.0.21:45020", "orders", "Sleep", "SLEEP", 310.0, ""),
)
SESSION_NOTES: tuple[str, ...] = ()
STATEMENTS = (
    SqlStatement("UPDATE stock SET quantity = quantity - 1\nWHERE item_id = 4711\x1b[31m", 1284, 96300.0),
    SqlStatement("SELECT region, SUM(amount) FROM line_items GROUP BY region", 3, 21750.0),
)
