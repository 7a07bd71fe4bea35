"""Source `sysstat`: the statistics of one tenant on one node, from V$SYSSTAT."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, SqlError, quoted
from distdiag_core.metrics.source import SOURCES, Reading, SourceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Database, Row
    from distdiag_core.metrics.source import Source, SourceContext

_VIEW = "oceanbase.V$SYSSTAT"
_SYS = "sys"
_SYS_ID = 1
# utc_timestamp is when the engine began to answer; only its differences are used.
_CLOCK = "time_to_usec(utc_timestamp(6))"
_CLOCK_UNIT_S = 1e-6


class SysstatSource:
    """The source of one node; it selects the wanted statistics alone, at a ninth of the cost of all.

    V$SYSSTAT is GV$SYSSTAT of the server that is asked, so that a node never answers for its peers.
    """

    name = "sysstat"

    def __init__(self, database: Database, *, tenant: str, statistics: Sequence[str]) -> None:
        self._database = database
        self._tenant = tenant
        self._tenant_id = _SYS_ID if tenant == _SYS else None
        self._statistics = tuple(statistics)
        places = ", ".join(["%s"] * len(self._statistics))
        self._statement = f"SELECT name, value, {_CLOCK} FROM {_VIEW} WHERE con_id = %s AND name IN ({places})"  # noqa: S608

    async def read(self) -> Reading:
        """Ask the engine once.

        Raises:
            UnreachableError: no connection, or no answer.
            SqlError: the account may not read the statistics.
            DataError: the tenant has none on this node, or they make no sense.
        """
        if self._tenant_id is None:
            self._tenant_id = await self._find_tenant()
        rows = await self._database.query(self._statement, (self._tenant_id, *self._statistics))
        if not rows:
            raise DataError(
                f"there are no statistics of the tenant {quoted(self._tenant)}",
                where=f"{self._database.node}: V$SYSSTAT",
                hint="the tenant has no resources on this node, or the account may not see it",
            )
        return parse(rows, where=f"{self._database.node}: V$SYSSTAT")

    async def close(self) -> None:
        """The connection belongs to the node."""

    async def _find_tenant(self) -> int:
        where = f"{self._database.node}: tenant {quoted(self._tenant)}"
        try:
            rows = await self._database.query(
                "SELECT tenant_id FROM oceanbase.DBA_OB_TENANTS WHERE tenant_name = %s", (self._tenant,)
            )
        except SqlError as error:
            hint = "grant the account SELECT on oceanbase.*, or watch the tenant sys"
            raise SqlError(
                f"its number cannot be found: {error.what}", code=error.code, where=where, hint=hint
            ) from error
        if not rows:
            raise DataError("does not exist on this cluster", where=where, hint="correct `tenant` in the cluster file")
        return int(_number(rows[0], 0, where))


def parse(rows: Sequence[Row], *, where: str) -> Reading:
    """Rows of (name, value, clock in microseconds); a value that is NULL is unknown.

    Raises:
        DataError: something else came, or nothing.
    """
    values: dict[str, float] = {}
    for row in rows:
        name = row[0] if row else None
        if not isinstance(name, str) or len(row) != 3:
            raise DataError(f"an odd row: {', '.join(map(quoted, row))}", where=where)
        if row[1] is not None:
            values[name] = _number(row, 1, where)
    if not rows:
        raise DataError("no rows", where=where)
    return Reading(_number(rows[0], 2, where) * _CLOCK_UNIT_S, values)


def _number(row: Row, index: int, where: str) -> float:
    value = row[index]
    if isinstance(value, int | float | Decimal):
        try:
            number = float(value)
        except (OverflowError, ValueError):
            number = float("inf")
        if abs(number) < float("inf"):
            return number
    raise DataError(f"{quoted(value)} is not a number", where=where)


def _make(context: SourceContext) -> Source:
    return SysstatSource(context.database, tenant=context.cluster.tenant, statistics=context.keys)


SOURCES.register(SourceKind(SysstatSource.name, "GV$SYSSTAT, by SQL", _make, views=(_VIEW,), connection="sql"))
