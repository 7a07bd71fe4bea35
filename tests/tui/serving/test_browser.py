"""The console in a real browser, by the protocol of its developer tools; where Chromium is installed."""

from __future__ import annotations

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_WITHIN_S = 240
# As root, Chromium refuses to start with its sandbox.
_SWITCHES = ("--headless=new", "--disable-gpu", "--remote-debugging-port=0", *(["--no-sandbox"] * (os.geteuid() == 0)))


class Page:
    """A page of the browser."""

    def __init__(self, socket: Any) -> None:  # noqa: ANN401
        self._socket = socket
        self._calls = 0

    async def call(self, method: str, **parameters: object) -> Any:  # noqa: ANN401
        """The result of a call."""
        self._calls += 1
        await self._socket.send_json({"id": self._calls, "method": method, "params": parameters})
        while (answer := await self._socket.receive_json()).get("id") != self._calls:
            pass
        return answer["result"]

    async def click(self, x: int, y: int) -> None:
        """Press and release the left button."""
        for event in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=event, x=x, y=y, button="left", clickCount=1)

    async def until(self, condition: str) -> None:
        """Wait for an expression of JavaScript to hold."""
        expression = f"!!({condition})"
        while not (await self.call("Runtime.evaluate", expression=expression))["result"].get("value"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@asynccontextmanager
async def browser(directory: Path) -> AsyncIterator[Page]:
    """An empty page of a browser that has just been installed."""
    command = (str(_CHROMIUM), *_SWITCHES, f"--user-data-dir={directory}", "about:blank")
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=PIPE)
    assert process.stderr is not None
    try:
        line = b""
        while b"DevTools listening on " not in line:
            line = await process.stderr.readline()
            assert line, "the browser has ended"
        host = line.decode().split()[-1].split("/")[2]
        async with import_module("aiohttp").ClientSession() as session:
            async with session.put(f"http://{host}/json/new?about:blank") as answer:
                address = (await answer.json())["webSocketDebuggerUrl"]
            async with session.ws_connect(address, max_msg_size=0) as socket:
                yield Page(socket)
    finally:
        process.terminate()
        await process.communicate()


@pytest.mark.timeout(300)
@pytest.mark.skipif(_CHROMIUM is None, reason="NOT TESTED: apt-get install chromium")
async def test_the_console_is_seen_and_typed_into(
    served: Callable[[], AbstractAsyncContextManager[str]], tmp_path: Path
) -> None:
    async with asyncio.timeout(_WITHIN_S), served() as url, browser(tmp_path) as page:
        await page.call("Page.navigate", url=url)
        await page.until("document.body && document.body.classList.contains('-first-byte')")
        await page.until("location.search === '' && document.querySelector('.xterm-screen canvas')")
        await page.click(300, 200)
        await page.until("document.activeElement.classList.contains('xterm-helper-textarea')")
        # `q` comes through the terminal of the page to the console, which ends.
        await page.call("Input.insertText", text="q")
        await page.until("document.body.classList.contains('-closed')")
