"""The server of what is seen of a cluster as JSON, by HTTP and as server-sent events; nothing can be changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from distdiag_core.errors import ConfigError, UnsupportedError
from distdiag_core.exporter.access import is_loopback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from aiohttp import web

    from distdiag_core.exporter.exporter_settings import Endpoint
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_core.runtime.snapshot_feed import SnapshotFeed

_EVENTS = "/events"
_CUT_OFF_S = 1.0
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class ApiServer:
    """Serves snapshots on the loop of their core, for as long as the context lasts.

    Args:
        pages: what is served at each path, as JSON.
        event: what `/events` sends at each tick, as JSON on one line.

    Raises:
        UnsupportedError: aiohttp is not installed.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        core: SnapshotFeed,
        pages: Mapping[str, Callable[[Snapshot], str]],
        event: Callable[[Snapshot], str],
    ) -> None:
        try:
            from aiohttp import web
        except ImportError as error:
            raise UnsupportedError(
                "aiohttp is not installed here", where="api", hint="pip install 'distdiag[prometheus]'"
            ) from error
        self._web = web
        self._endpoint = endpoint
        self._core = core
        self._pages = pages
        self._event = event
        # All readers get the same text of a tick.
        self._newest: tuple[Snapshot, bytes] | None = None
        app = web.Application(middlewares=[self._guard()])
        app.add_routes([web.get(path, self._page) for path in pages])
        app.add_routes([web.get(_EVENTS, self._events)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CUT_OFF_S)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._endpoint.host, self._runner.addresses[0][1]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            ConfigError: the address cannot be used.
        """
        await self._runner.setup()
        host, port = self._endpoint.host, self._endpoint.port
        try:
            await self._web.TCPSite(self._runner, host, port).start()
        except (OSError, UnicodeError, OverflowError) as error:
            await self._runner.cleanup()
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(f"cannot listen at {host}:{port}: {reason}", where="api") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, and end the streams."""
        await self._runner.cleanup()

    def _guard(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        aiohttp_web = self._web

        async def guard(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            # A page of another server, whose name was made to lead to this machine, says that name.
            foreign = is_loopback(self._endpoint.host) and not is_loopback(request.url.host or "")
            if foreign or "Origin" in request.headers:
                raise aiohttp_web.HTTPForbidden(text="this is no page for browsers\n")
            if not self._may_read(request.headers.get("Authorization", "")):
                asked = {"WWW-Authenticate": 'Bearer realm="distdiag"'}
                raise aiohttp_web.HTTPUnauthorized(text="a bearer token is needed\n", headers=asked)
            return await handler(request)

        made: Callable[..., Awaitable[web.StreamResponse]] = aiohttp_web.middleware(guard)
        return made

    def _may_read(self, authorization: str) -> bool:
        token = self._endpoint.token
        scheme, _, given = authorization.partition(" ")
        return token is None or (scheme.casefold() == "bearer" and token.fits(given.strip()))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        snapshot = self._core.snapshot()
        if snapshot is None:
            raise self._web.HTTPServiceUnavailable(text="there was no tick yet\n")
        text = self._pages[request.path](snapshot)
        return self._web.Response(text=text, content_type="application/json", headers=_HEADERS)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Every tick; a reader that is slower than they come misses some."""
        response = self._web.StreamResponse(headers=_HEADERS | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            while True:
                await response.write(self._event_of(await self._core.next_snapshot()))
        except ConnectionError:
            return response

    def _event_of(self, snapshot: Snapshot) -> bytes:
        """A tick as a server-sent event."""
        if self._newest is None or self._newest[0] is not snapshot:
            text = f"id: {snapshot.tick}\nevent: snapshot\ndata: {self._event(snapshot)}\n\n"
            self._newest = snapshot, text.encode()
        return self._newest[1]
