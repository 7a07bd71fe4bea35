"""The way of SQL to a node: to its host, to the address of its pod, or through `kubectl port-forward`."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol

from distdiag_core.cluster import pods
from distdiag_core.cluster.kubectl import error_of
from distdiag_core.errors import TimedOutError, UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cluster.pods import PodAccess

_FORWARDING = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+) ->")
_START_S = 10.0


class SqlRoute(Protocol):
    """The interface of a way to the database of a node."""

    async def address(self) -> tuple[str, int]:
        """The host and the port to connect to now.

        Raises:
            UnreachableError: there is none.
        """

    async def close(self) -> None:
        """Let go of the way; connections that were made over it may break."""


class HostRoute:
    """The host and the port as the cluster file has them."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port

    async def address(self) -> tuple[str, int]:
        """The host and the port."""
        return self._address

    async def close(self) -> None:
        """Do nothing: nothing is held."""


class PodRoute:
    """The address that the pod has now, which changes when it is scheduled anew."""

    def __init__(self, access: PodAccess, port: int) -> None:
        self._access, self._port = access, port

    async def address(self) -> tuple[str, int]:
        """The address of the pod, and the port."""
        pod = await self._access.find()
        if not pod.ip:
            raise UnreachableError(f"the pod {pod.name} has no address yet")
        return pod.ip, self._port

    async def close(self) -> None:
        """Do nothing: nothing is held."""


class ForwardRoute:
    """A `kubectl port-forward` on this machine, started anew for each connection, as it does not follow its pod."""

    def __init__(self, access: PodAccess, port: int) -> None:
        self._access, self._port = access, port
        self._lasting = AsyncExitStack()

    async def address(self) -> tuple[str, int]:
        """The end of a new port-forward on this machine; the one before is ended."""
        await self.close()
        pod = await self._access.find()
        command = self._access.kubectl.command(
            "port-forward", "--address=127.0.0.1", f"pod/{pod.name}", f":{self._port}", waits=True
        )
        where = f"{self._access.node.name}: kubectl port-forward"
        async with AsyncExitStack() as lasting:
            program = await lasting.enter_async_context(self._access.control.process(command))
            try:
                async with asyncio.timeout(_START_S):
                    line = await program.read_line()
            except TimeoutError:
                raise TimedOutError(f"it does not get through within {_START_S:g} s", where=where) from None
            if line is not None and (found := _FORWARDING.match(line)):
                self._lasting = lasting.pop_all()
                return "127.0.0.1", int(found[1])
        # What it said on standard error is lost, so it is asked again.
        result = await self._access.control.run(command, timeout_s=_START_S)
        raise pods.unreachable(error_of(result.status, result.stderr, where))

    async def close(self) -> None:
        """End the port-forward."""
        lasting, self._lasting = self._lasting, AsyncExitStack()
        await lasting.aclose()
