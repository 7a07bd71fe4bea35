"""The server of consoles in browsers, by aiohttp and textual-serve, which are an extra."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from distdiag_core.cli.output import emit, put, say
from distdiag_core.cli.run import run
from distdiag_core.errors import ConfigError, UnsupportedError
from distdiag_core.exporter.access import is_loopback
from distdiag_tui.serving import access

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from distdiag_core.cli.options import ServeRequest
    from distdiag_core.exporter.access import Token

# What the terminal of textual-serve can show; the rate of frames is that of a console in a terminal.
_ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_FPS": "15"}
_START = "from distdiag_tui.main import main; main()"
# Nothing is loaded from elsewhere, and no other page may show this one in a frame.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
# Consoles get the sign to end as soon as their browsers are cut off.
_CUT_OFF_S = 1.0
# Within this they undo what has not taken effect yet, and write what they have recorded.
_CONSOLES_END_S = 20.0


def serve(request: ServeRequest) -> None:
    """Serve consoles until somebody ends it.

    Raises:
        ConfigError: the address cannot be used, or the token is none.
        RefusedError: the address is of the network, and there is no token.
        UnsupportedError: what is needed is not installed.
    """
    token = access.token_for(request.host, request.token_file, os.environ.get(access.TOKEN_VARIABLE))
    run(_serve(WebServer(request, token)))


class WebServer:
    """The routes of the server, of which only the files of the page need no token.

    Attributes:
        ended: set while no console is open.

    Raises:
        UnsupportedError: what is needed is not installed.
    """

    def __init__(self, request: ServeRequest, token: Token) -> None:
        try:
            self._web = import_module("aiohttp.web")
            jinja2 = import_module("jinja2")
            serving = import_module("textual_serve.server")
        except ImportError as error:
            raise UnsupportedError(
                f"a console in a browser needs {error.name}, which is not installed",
                hint="pip install 'distdiag[serve]'",
            ) from error
        self.request = request
        self._token = token
        self._open = 0
        self.ended = asyncio.Event()
        self.ended.set()
        server = _waiting_for_consoles(serving.Server)
        self._textual = server(_command(request.command), request.host, request.port, title="distdiag")
        loader = jinja2.FileSystemLoader(self._textual.templates_path)
        self._page = jinja2.Environment(loader=loader, autoescape=True).get_template("app_index.html")

    def runner(self) -> Any:
        """The server, ready to be set up."""
        web = self._web

        # aiohttp marks a middleware by an attribute, which a method cannot have.
        async def guard(request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
            return await self._guarded(request, handler)

        app = web.Application(middlewares=[web.middleware(guard)])
        static = web.static("/static", self._textual.statics_path)
        app.add_routes([web.get("/", self._index), web.get("/ws", self._socket), static])
        # Addresses of requests have tokens, so that none is logged.
        return web.AppRunner(app, access_log=None, shutdown_timeout=_CUT_OFF_S)

    def url(self, port: int) -> str:
        """The address to open in a browser, with the token where it is a new one."""
        host = f"[{self.request.host}]" if ":" in self.request.host else self.request.host
        address = self.request.public_url or f"http://{host}:{port}"
        return f"{address}/?token={self._token.text if self._token.made else '...'}"

    async def _guarded(self, request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        """The gate of every request."""
        if not access.is_own_origin(request.headers.get("Origin"), self._own_url(request)):
            raise self._web.HTTPForbidden(text="this is a page of another server\n")
        given = request.query.get("token") or request.cookies.get(self._cookie(request))
        if not request.path.startswith("/static/") and not self._token.fits(given):
            raise self._web.HTTPUnauthorized(text="open the address that `distdiag serve` has shown, with its token\n")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    async def _index(self, request: Any) -> Any:
        """The page of the terminal; a token is moved from the address to a cookie first."""
        if "token" in request.query:
            # Neither the history of the browser nor a screen that is shown has it then.
            answer = self._web.Response(status=303, headers={"Location": "/"})
            secure = self._own_url(request).startswith("https:")
            name = self._cookie(request)
            answer.set_cookie(name, self._token.text, httponly=True, samesite="Strict", secure=secure, path="/")
            return answer
        own = self._own_url(request)
        size = request.query.get("fontsize", "16")
        page = self._page.render(
            font_size=size if size.isascii() and size.isdigit() else "16",
            app_websocket_url=f"ws{own.removeprefix('http')}/ws",
            config={"static": {"url": f"{own}/static/"}},
            application={"name": "distdiag"},
            ping_url="",
        )
        return self._web.Response(text=page, content_type="text/html")

    async def _socket(self, request: Any) -> Any:
        """A console of its own for this browser, which ends with the connection."""
        if self._open >= self.request.most:
            raise self._web.HTTPServiceUnavailable(text=f"{self._open} consoles are open, and no more are allowed\n")
        self._open += 1
        self.ended.clear()
        try:
            return await self._textual.handle_websocket(request)
        finally:
            self._open -= 1
            if not self._open:
                self.ended.set()

    def _own_url(self, request: Any) -> str:
        return self.request.public_url or f"http://{request.host}"

    def _cookie(self, request: Any) -> str:
        # All ports of a host share their cookies.
        return f"distdiag-{request.url.port}"


def _waiting_for_consoles(base: Any) -> Any:
    """The server of textual-serve, whose connections end with the process of their console, not with its output."""

    class Server(base):  # type: ignore[misc]  # textual-serve may be missing
        async def _process_messages(self, websocket: Any, app_service: Any) -> None:
            try:
                await super()._process_messages(websocket, app_service)
            finally:
                await app_service.stop()
                await app_service._process.wait()  # noqa: SLF001 - textual-serve leaves it to the end of the loop

    return Server


async def _serve(server: WebServer) -> None:
    runner = server.runner()
    await runner.setup()
    request = server.request
    try:
        try:
            await import_module("aiohttp.web").TCPSite(runner, request.host, request.port).start()
        except OSError as error:
            where = f"{request.host}:{request.port}"
            raise ConfigError(f"cannot be used: {error.strerror}", where=where, hint="name another --port") from error
        port = runner.addresses[0][1]
        url = server.url(port)
        if request.as_json:
            emit({"url": url, "host": request.host, "port": port})
        else:
            put(url)
        say("open this address in a browser, each of which gets a console of its own; Ctrl-C ends all of them")
        if not is_loopback(request.host) and not (request.public_url or "").startswith("https:"):
            say("warning: what is shown and typed can be read in the network; put TLS before it, or come by `ssh -L`")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONSOLES_END_S):
                await server.ended.wait()


def _command(arguments: tuple[str, ...]) -> str:
    """The command of one console as text for a shell, which is all that textual-serve takes."""
    environment = dict(_ENVIRONMENT)
    if "DISTDIAG_GLYPHS" not in os.environ:
        environment["DISTDIAG_GLYPHS"] = "braille"
    settings = [f"{name}={value}" for name, value in environment.items()]
    return shlex.join(["exec", "env", "-u", access.TOKEN_VARIABLE, *settings, sys.executable, "-c", _START, *arguments])
