"""The server of consoles: what the token opens, and a console through a websocket."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    Served = Callable[[], AbstractAsyncContextManager[str]]

_WITHIN_S = 100


@asynccontextmanager
async def browser() -> AsyncIterator[Any]:
    """A client that keeps cookies, also those of an address without a name."""
    aiohttp = import_module("aiohttp")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def status(session: Any, address: str, **headers: str) -> int:  # noqa: ANN401
    async with session.get(address, headers=headers) as answer:
        return int(answer.status)


async def test_nothing_but_the_files_of_the_page_is_open_without_the_token(served: Served) -> None:
    async with served() as url, browser() as session:
        root = url.partition("?")[0]
        assert await status(session, f"{root}static/js/textual.js") == 200
        for path in ("", "ws", "?token=", "?token=wrong", "ws?token=wrong", "static/../", "elsewhere"):
            assert await status(session, root + path) == 401, path
        assert await status(session, root, Cookie="distdiag-80=a-token-of-the-operator") == 401
        assert await status(session, url, Origin="http://evil.example") == 403


async def test_the_token_is_moved_from_the_address_to_a_cookie(served: Served) -> None:
    async with served() as url, browser() as session:
        root = url.partition("?")[0]
        async with session.get(url, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
            cookie = answer.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
        async with session.get(f"{root}?fontsize=12%22x") as answer:
            page, headers = await answer.text(), answer.headers
        assert f'data-session-websocket-url="ws{root.removeprefix("http")}ws"' in page
        assert 'data-font-size="16"' in page
        assert "a-token-of-the-operator" not in page
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        # A page of another server of this machine has the cookie as well.
        assert await status(session, f"{root}ws", Origin="http://127.0.0.1:9") == 403


async def test_a_console_runs_as_long_as_the_connection(served: Served) -> None:
    async with served() as url, browser() as session, asyncio.timeout(_WITHIN_S):
        await status(session, url)
        address = url.partition("?")[0] + "ws"
        async with session.ws_connect(f"{address}?width=120&height=36") as console:
            seen = b""
            while b"REPLAY" not in seen or b"ROOT CAUSES" not in seen:
                message = await console.receive()
                assert isinstance(message.data, bytes | str), message
                seen += message.data if isinstance(message.data, bytes) else message.data.encode()
            # One console is all that is allowed.
            assert await status(session, address) == 503
            await console.send_json(["stdin", "q"])
            while not console.closed:
                await console.receive()
