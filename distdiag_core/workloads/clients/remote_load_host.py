"""A load host that is reached by SSH, through one long-lived agent process (`remote_agent`)."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from distdiag_core import __version__
from distdiag_core.errors import DataError, DistdiagError, TimedOutError, UnreachableError, UnsupportedError
from distdiag_core.settings import json_document
from distdiag_core.workloads.clients import remote_agent
from distdiag_core.workloads.clients.load_host import LoadSnapshot
from distdiag_core.workloads.clients.run_log import RunLogContent

if TYPE_CHECKING:
    from collections.abc import Collection

    from distdiag_core.cluster.shell import RemoteProcess, Shell
    from distdiag_core.workloads.clients.client_job import ClientJob

# Starting clients on a busy host takes up to 20 s.
_ANSWER_S = 30.0
_START_S = 20.0
# All sources of a tick read at about the same time and share one snapshot.
_FRESH_S = 0.3


class RemoteLoadHost:
    """Implements `LoadHost` for a host behind a shell.

    Args:
        command: path or name of distdiag on the host, for instance `/opt/distdiag/bin/distdiag`.
    """

    def __init__(self, shell: Shell, cluster: str, command: str) -> None:
        self._shell = shell
        self._command = f"{shlex.quote(command)} workload agent {shlex.quote(cluster)}"
        self._where = f"generator {shell.node}"
        self._lock = asyncio.Lock()
        self._lasting = AsyncExitStack()
        self._agent: RemoteProcess | None = None
        self._seen = LoadSnapshot()
        self._seen_s: float | None = None

    async def require(self, kind: str) -> None:
        """Check the programs on the host."""
        await self._ask(ask="require", kind=kind)

    async def launch(self, job: ClientJob) -> None:
        """Start clients on the host."""
        self._seen_s = None
        await self._ask(ask="launch", job=asdict(job))

    async def end(self, ids: Collection[str] | None = None) -> None:
        """End clients on the host."""
        try:
            await self._ask(ask="end", ids=None if ids is None else sorted(ids))
        finally:
            self._seen_s = None

    async def refresh(self) -> None:
        """Read the snapshot of the host; while it is unreachable, the snapshot consists of that error."""
        if self._seen_s is not None and time.monotonic() - self._seen_s < _FRESH_S:
            return
        try:
            self._seen = remote_agent.decode(await self._ask(ask="look"), f"{self._where}: its answer")
        except DistdiagError as error:
            self._seen = LoadSnapshot(unreachable=(str(error),))
        self._seen_s = time.monotonic()

    def snapshot(self) -> LoadSnapshot:
        """The snapshot as of the last refresh."""
        return self._seen

    async def past(self) -> RunLogContent:
        """The content of the run log of the host."""
        answer = json_document.checked(await self._ask(ask="past"), RunLogContent, where=f"{self._where}: its answer")
        return RunLogContent(answer.lines, answer.going)

    async def close(self) -> None:
        """End the agent; the clients continue."""
        self._agent = None
        await self._lasting.aclose()

    async def _ask(self, **request: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
        async with self._lock:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    answer = await self._answer(json.dumps(request))
            except TimeoutError:
                await self.close()
                raise TimedOutError(f"no answer within {_ANSWER_S:g} s", where=self._where) from None
            except BaseException:
                # Half an answer may be under way, which the next request must not read.
                await self.close()
                raise
        if "error" in answer:
            raise remote_agent.error_from(answer, self._where)
        if "answer" not in answer:
            raise DataError("an answer has none", where=self._where)
        return answer["answer"]

    async def _answer(self, request: str) -> dict[str, Any]:
        if self._agent is None:
            self._agent = await self._started()
        await self._agent.write_line(request)
        line = await self._agent.read_line()
        if line is None:
            raise UnreachableError("distdiag has ended there", where=self._where)
        return self._read(line)

    async def _started(self) -> RemoteProcess:
        agent = await self._lasting.enter_async_context(self._shell.process(self._command))
        first = await agent.read_line()
        if first is None or not first.startswith("{"):
            raise UnsupportedError(
                f"distdiag is not installed there, or not as {self._command.partition(' ')[0]}",
                where=self._where,
                hint="install this version there, and say where it is by the key workload.command of the cluster file",
            )
        version = self._read(first).get("distdiag")
        if version != __version__:
            raise UnsupportedError(
                f"distdiag {version} is installed there, and {__version__} here",
                where=self._where,
                hint="install the same on both",
            )
        return agent

    def _read(self, line: str) -> dict[str, Any]:
        return json_document.parse(line, dict[str, Any], where=f"{self._where}: its answer")
