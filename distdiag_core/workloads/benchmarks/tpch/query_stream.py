"""A query stream (clause 5.1.2.3): repeats the 22 queries sequentially in the order of the stream."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING

from distdiag_core.cluster import tcp
from distdiag_core.cluster.link import delay_s
from distdiag_core.cluster.mysql_session import AccessDeniedError, MysqlSession
from distdiag_core.errors import DataError, DistdiagError, SqlError, UnreachableError
from distdiag_core.workloads import statement_limit
from distdiag_core.workloads.benchmarks.tpch import queries, query_order, query_parameters
from distdiag_core.workloads.benchmarks.tpch.query_meter import geometric_mean
from distdiag_core.workloads.benchmarks.tpch.tpch_schema import database_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.workloads.benchmarks.tpch.query_meter import QueryMeter
    from distdiag_core.workloads.benchmarks.tpch.query_parameters import Parameters
    from distdiag_core.workloads.benchmarks.tpch.stream_plan import StreamPlan
    from distdiag_core.workloads.rate_limiter import RateLimiter

_CONNECT_S = 10.0
# The engine reports its own time-out of a query; the connection is given up only without any answer.
_GRACE_S = 5.0
_NOT_PREPARED = (1049, 1146)


class QueryStream:
    """A stream on one connection; `say` is called with the result of each query and of each round of 22."""

    def __init__(
        self,
        number: int,
        plan: StreamPlan,
        meter: QueryMeter,
        limiter: RateLimiter,
        say: Callable[[dict[str, object]], None],
    ) -> None:
        self._number = number
        self._plan = plan
        self._meter = meter
        self._limiter = limiter
        self._say = say
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"stream-{number}")
        self._session: MysqlSession | None = None
        self._failures = 0

    async def run(self) -> None:
        """Run queries until cancelled, and reconnect after losses of the connection.

        Raises:
            DistdiagError: a permanent failure: the account is refused, or the tables do not exist.
        """
        random = Random(self._plan.seed + self._number)  # noqa: S311 - repeatable draws
        try:
            while True:
                await self._round(query_parameters.draw_all(random, self._plan.scale_factor))
        finally:
            await self._disconnect()
            self._thread.shutdown(wait=False)

    async def _round(self, drawn: dict[int, Parameters]) -> None:
        taken_s: dict[int, float] = {}
        began_s = time.monotonic()
        for query in query_order.order(self._number):
            await asyncio.sleep(self._limiter.delay_s())
            try:
                taken_s[query], rows = await self._ask(query, drawn[query])
            except (SqlError, UnreachableError) as error:
                self._meter.failed(query, str(error))
                self._say({"query": query, "stream": self._number, "failed": str(error)})
                await self._recover(error)
            else:
                self._failures = 0
                self._meter.finished(query, taken_s[query])
                seconds = round(taken_s[query], 4)
                self._say({"query": query, "stream": self._number, "seconds": seconds, "rows": rows})
        self._say(
            {
                "round": "power" if self._number == 0 else "throughput",
                "stream": self._number,
                "seconds": round(time.monotonic() - began_s, 3),
                "answered": len(taken_s),
                "geometric_mean_s": round(geometric_mean(list(taken_s.values())), 4) if taken_s else None,
                "not_answered": sorted(set(drawn) - set(taken_s)),
            }
        )

    async def _ask(self, query: int, given: Parameters) -> tuple[float, int]:
        """Execute a query: its seconds and its number of rows."""
        session = self._session or await self._connect()
        text, values = queries.for_mysql(query, given)
        began_s = time.monotonic()
        limit_s = self._plan.timeout_s + _GRACE_S
        try:
            async with asyncio.timeout(limit_s):
                rows = await session.query(text, values)
        except TimeoutError:
            raise UnreachableError(f"no answer within {limit_s:g} s") from None
        except SqlError as error:
            raise _not_prepared(error) or SqlError(f"{error.what} (error {error.code})", code=error.code) from error
        return time.monotonic() - began_s, len(rows)

    async def _recover(self, error: DistdiagError) -> None:
        """Wait with growing delays: after a lost connection, and after refused queries once a whole round was."""
        self._failures += 1
        lost = isinstance(error, UnreachableError)
        if lost:
            await self._disconnect()
        if lost or self._failures > len(queries.NUMBERS):
            await asyncio.sleep(delay_s(self._failures, refused=False))

    async def _connect(self) -> MysqlSession:
        endpoint = self._plan.endpoint
        made = await tcp.connect(endpoint.host, endpoint.port, timeout_s=_CONNECT_S)
        session = MysqlSession(made, self._thread)
        try:
            async with asyncio.timeout(_CONNECT_S):
                await self._begin(session)
        except BaseException as error:
            await session.close()
            if isinstance(error, TimeoutError):
                raise UnreachableError(f"connected, but no answer within {_CONNECT_S:g} s") from None
            raise
        self._session = session
        return session

    async def _begin(self, session: MysqlSession) -> None:
        endpoint = self._plan.endpoint
        try:
            await session.log_in(endpoint.user, endpoint.password, endpoint.tls)
            await session.query(f"USE {database_of(self._plan.scale_factor)}", ())
            await statement_limit.limit(session, self._plan.timeout_s)
        except AccessDeniedError:
            raise DataError("the database refuses the SQL user or its password", hint="correct the account") from None
        except SqlError as error:
            if (missing := _not_prepared(error)) is None:
                raise
            raise missing from error

    async def _disconnect(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()


def _not_prepared(error: SqlError) -> DataError | None:
    if error.code not in _NOT_PREPARED:
        return None
    return DataError("the tables of the benchmark are not there", hint="prepare it first, with the same scale factor")
