"""The views by which each version of OceanBase answers a question, with the names of their columns.

This table alone knows how the versions differ: whoever asks names the question, and gets the rows of the first view
that the server has and the account may read, always with the same columns.

3.x         no views of servers and tenants, but the tables behind them, for accounts of the tenant sys
4.0         views of both, without the states of servers that do not answer, and without roles of tenants
4.2 to 4.4  the same with states and roles; a user tenant has those about itself
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Database, Row, Value

# Errors of MySQL's protocol: a privilege is missing; a schema, a table, a column or a function.
DENIED = frozenset({1044, 1142, 1143, 1227, 1095})
NO_SUCH_THING = frozenset({1046, 1049, 1054, 1109, 1146, 1305})
_SCHEMA = "oceanbase."


@dataclass(frozen=True, slots=True)
class View:
    """A view, and what to select from it.

    Attributes:
        columns: expressions of SQL, in the order of the question.
        condition: a part of WHERE that always holds.
    """

    name: str
    columns: tuple[str, ...]
    condition: str = ""

    @property
    def short_name(self) -> str:
        """The name without the schema."""
        return self.name.removeprefix(_SCHEMA)

    def statement(self, *, distinct: bool = False) -> str:
        """The statement that selects all rows."""
        select = "SELECT DISTINCT" if distinct else "SELECT"
        where = f" WHERE {self.condition}" if self.condition else ""
        return f"{select} {', '.join(self.columns)} FROM {self.name}{where}"


# Address, port of RPC, port of SQL, zone, status, and the time at which the server was stopped.
SERVERS_OF_TENANT = View(
    "oceanbase.DBA_OB_LS_LOCATIONS", ("SVR_IP", "SVR_PORT", "SQL_PORT", "ZONE", "''", "NULL")
)  # fmt: skip
SERVERS = (
    View("oceanbase.DBA_OB_SERVERS", ("SVR_IP", "SVR_PORT", "SQL_PORT", "ZONE", "STATUS", "STOP_TIME")),
    # Without servers that do not answer, and without states.
    View("oceanbase.GV$OB_SERVERS", ("SVR_IP", "SVR_PORT", "SQL_PORT", "ZONE", "''", "NULL")),
    # In a user tenant: the servers that hold data of it.
    SERVERS_OF_TENANT,
    # A server that was not stopped has the time 0.
    View("oceanbase.__all_server", ("svr_ip", "svr_port", "inner_port", "zone", "status", "stop_time")),
)

# Number, name, type (SYS, USER, META), compatibility mode, role and status. A user tenant has itself alone.
OWN_TENANT = View("DUAL", ("EFFECTIVE_TENANT_ID()", "EFFECTIVE_TENANT()", "''", "''", "''", "''"))
TENANTS = (
    View(
        "oceanbase.DBA_OB_TENANTS",
        ("TENANT_ID", "TENANT_NAME", "TENANT_TYPE", "COMPATIBILITY_MODE", "TENANT_ROLE", "STATUS"),
    ),
    View(
        "oceanbase.DBA_OB_TENANTS",
        ("TENANT_ID", "TENANT_NAME", "TENANT_TYPE", "COMPATIBILITY_MODE", "''", "STATUS"),
    ),
    # Below 1000 are tenants of the engine itself, without sessions.
    View(
        "oceanbase.__all_tenant",
        (
            "tenant_id", "tenant_name", "IF(tenant_id = 1, 'SYS', 'USER')",
            "IF(compatibility_mode = 1, 'ORACLE', 'MYSQL')", "''", "REPLACE(status, 'TENANT_STATUS_', '')",
        ),
        "(tenant_id = 1 OR tenant_id > 1000)",
    ),
    # What every account may ask.
    OWN_TENANT,
)  # fmt: skip

# Number of the tenant, name and value of a statistic, of the server that is asked.
STATISTICS = (
    View("oceanbase.V$SYSSTAT", ("con_id", "name", "value")),
    View("oceanbase.V$SYSSTAT", ("tenant_id", "name", "value")),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of the first view that has some.

    Attributes:
        view: None where none has.
        refusals: the errors of the views before it.
    """

    view: View | None
    rows: tuple[Row, ...] = ()
    refusals: tuple[SqlError, ...] = ()

    @property
    def denied(self) -> SqlError | None:
        """The first error that a privilege would mend."""
        return next((error for error in self.refusals if error.code in DENIED), None)


async def ask(
    database: Database, views: Sequence[View], parameters: Sequence[Value] = (), *, distinct: bool = False
) -> Answer:
    """The rows of the first view that the server has, the account may read, and that has rows.

    Raises:
        UnreachableError: the database does not answer.
    """
    refusals: list[SqlError] = []
    for view in views:
        try:
            rows = await database.query(view.statement(distinct=distinct), parameters)
        except SqlError as error:
            refusals.append(error)
            continue
        if rows:
            return Answer(view, tuple(rows), tuple(refusals))
    return Answer(None, (), tuple(refusals))
