"""Source `host` over SSH: a small program stays on the node and answers once a tick."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, UnreachableError
from distdiag_core.metrics.sources.host import host_script
from distdiag_core.metrics.sources.host.missing_names import WatchedNames

if TYPE_CHECKING:
    from distdiag_core.cluster.shell import RemoteProcess, Shell
    from distdiag_core.metrics.source import Reading
    from distdiag_core.metrics.sources.host.host_script import Host


class HostSource:
    """The source of one node; a reading starts the program where it does not run, as after a failure."""

    name = "host"

    def __init__(
        self, shell: Shell, *, device: str | None = None, data_dir: str | None = None, interface: str | None = None
    ) -> None:
        self._shell = shell
        self._command = host_script.command(device=device, data_dir=data_dir, interface=interface)
        self._names = WatchedNames(device, data_dir, interface)
        self._holding = AsyncExitStack()
        self._program: RemoteProcess | None = None
        self._host: Host | None = None
        self._tick = 0

    async def read(self) -> Reading:
        """Ask the program once.

        Raises:
            UnreachableError: no connection, or it broke.
            DataError: the node's answer makes no sense.
        """
        # After a question without an answer nobody knows what comes next: it is ended, whatever went wrong.
        async with AsyncExitStack() as on_failure:
            on_failure.push_async_callback(self.close)
            reading = await self._ask()
            on_failure.pop_all()
        return reading

    async def close(self) -> None:
        """End the program on the node."""
        holding, self._holding, self._program = self._holding, AsyncExitStack(), None
        await holding.aclose()

    async def _ask(self) -> Reading:
        try:
            if self._program is None or self._host is None:
                self._program = await self._holding.enter_async_context(self._shell.process(self._command))
                self._host = host_script.parse_host(await self._program.read_until(host_script.end_mark(0)))
            self._tick += 1
            await self._program.write_line(str(self._tick))
            answer = await self._program.read_until(host_script.end_mark(self._tick))
            reading = host_script.parse_answer(answer, self._host)
            return replace(reading, notes=self._names.missing(reading.values, self._host.device))
        except DataError as error:
            where = f"{self._shell.node}: {error.where or 'host'}"
            raise DataError(error.what, where=where, hint=error.hint) from error
        except UnreachableError as error:
            # The shell names the place by the command, which here is a whole program.
            raise type(error)(error.what, where=f"{self._shell.node}: host", hint=error.hint) from error
