"""Source `sysstat`: the statistics of tenants on one node, from V$SYSSTAT."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from distdiag_core.cluster.account import grant_of_views
from distdiag_core.cluster.engine_views import DENIED, NO_SUCH_THING, STATISTICS
from distdiag_core.cluster.tenants import ALL, SYS, SYS_ID, list_tenants
from distdiag_core.errors import DataError, DistdiagError, SqlError, quoted
from distdiag_core.metrics.source import SOURCES, Reading, SampledKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Database, Row
    from distdiag_core.cluster.engine_views import View
    from distdiag_core.metrics.source import Source, SourceContext

# utc_timestamp is when the engine began to answer; only its differences are used.
_CLOCK = "time_to_usec(utc_timestamp(6))"
_CLOCK_UNIT_S = 1e-6
# Tenants are made and dropped; of those that are named, only the numbers are asked for, once.
_TENANTS_EVERY_S = 60.0


class SysstatSource:
    """The source of one node; it selects the wanted statistics alone, at a ninth of the cost of all.

    V$SYSSTAT is GV$SYSSTAT of the server that is asked, so that a node never answers for its peers. The statistics of
    several tenants are summed; those of ratios are ratios of the sums.

    Args:
        tenants: their names, or `all` alone.
        user: the SQL account, for the statement that grants it what it lacks.
    """

    name = "sysstat"

    def __init__(
        self, database: Database, *, tenants: Sequence[str], statistics: Sequence[str], user: str = ""
    ) -> None:
        self._database = database
        self._tenants = tuple(tenants)
        self._user = user
        # Its number is the same everywhere, so that an account of sys needs no other view.
        self._numbers: tuple[int, ...] = (SYS_ID,) if self._tenants == (SYS,) else ()
        self._asked_s = -math.inf
        self._statistics = tuple(statistics)
        self._view = STATISTICS[0]
        self._notes: tuple[str, ...] = ()

    async def read(self) -> Reading:
        """Ask the engine once.

        Raises:
            UnreachableError: no connection, or no answer.
            SqlError: the account may not read the statistics; the hint is the statement that grants it.
            DataError: the tenants have none on this node, or they make no sense.
        """
        # Those of all change.
        aged = self._tenants == (ALL,) and time.monotonic() - self._asked_s > _TENANTS_EVERY_S
        if not self._numbers or aged:
            await self._find_tenants()
        rows = await self._rows()
        if not rows:
            raise await self._empty()
        reading = parse(rows, where=f"{self._database.node}: V$SYSSTAT")
        return replace(reading, notes=self._notes)

    async def close(self) -> None:
        """The connection belongs to the node."""

    async def _rows(self) -> list[Row]:
        try:
            return await self._query(self._view)
        except SqlError as error:
            if error.code in DENIED:
                where = f"{self._database.node}: V$SYSSTAT"
                raise SqlError(error.what, code=error.code, where=where, hint=grant_of_views(self._user)) from error
            others = [view for view in STATISTICS if view is not self._view]
            if error.code not in NO_SUCH_THING:
                raise
            for view in others:
                with suppress(SqlError):
                    rows = await self._query(view)
                    self._view = view
                    return rows
            raise

    async def _query(self, view: View) -> list[Row]:
        tenant, name, value = view.columns
        several = len(self._numbers) > 1
        statistic, end = (f"SUM({value})", f" GROUP BY {name}") if several else (value, "")
        numbers, names = (", ".join(["%s"] * len(each)) for each in (self._numbers, self._statistics))
        return await self._database.query(
            f"SELECT {name}, {statistic}, {_CLOCK} FROM {view.name} "
            f"WHERE {tenant} IN ({numbers}) AND {name} IN ({names}){end}",
            (*self._numbers, *self._statistics),
        )

    async def _find_tenants(self) -> None:
        listed = await list_tenants(self._database)
        self._numbers = tuple(tenant.number for tenant in listed.chosen(self._tenants, self._user))
        self._asked_s = time.monotonic()
        self._notes = (listed.limits,) if self._tenants == (ALL,) and listed.limits else ()

    async def _empty(self) -> DistdiagError:
        """The error where a tenant has no statistics here."""
        self._numbers = ()
        await self._find_tenants()
        names = ", ".join(map(quoted, self._tenants))
        return DataError(
            f"there are no statistics of the tenant {names}",
            where=f"{self._database.node}: V$SYSSTAT",
            hint="the tenant has no resources on this node, or the account may not see it",
        )


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
    user = context.node.sql.user if context.node.sql is not None else ""
    tenants = context.cluster.watched_tenants
    return SysstatSource(context.database, tenants=tenants, statistics=context.keys, user=user)


SOURCES.register(
    SampledKind(SysstatSource.name, "GV$SYSSTAT, by SQL", _make, views=(STATISTICS[0].name,), connection="sql")
)
