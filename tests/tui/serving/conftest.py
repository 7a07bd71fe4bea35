"""A running server of consoles, each of which is a real one that replays the example."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from distdiag_core.cli.options import ServeRequest
from distdiag_core.exporter.access import Token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

TOKEN = Token("a-token-of-the-operator", made=True)


@pytest.fixture
def served() -> Callable[[], AbstractAsyncContextManager[str]]:
    """Serves at most one console; gives the address with the token."""
    web = pytest.importorskip("aiohttp.web", reason="NOT TESTED: pip install 'distdiag[serve]'")
    from distdiag_tui.serving.web_server import WebServer

    @asynccontextmanager
    async def serve() -> AsyncIterator[str]:
        request = ServeRequest(("replay", "example"), "127.0.0.1", 0, None, "", 1, as_json=False)
        server = WebServer(request, TOKEN)
        runner: Any = server.runner()
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield server.url(runner.addresses[0][1])
        finally:
            await runner.cleanup()
            await server.ended.wait()

    return serve
