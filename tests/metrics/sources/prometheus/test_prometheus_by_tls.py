"""The source `prometheus` by TLS and with a bearer token, as behind the proxy of a data centre."""

from __future__ import annotations

import asyncio
import math
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web

from distdiag_core.cluster import inventory
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.tls import TlsSettings
from distdiag_core.errors import DataError, UnreachableError
from distdiag_core.metrics.sources.prometheus.client import PrometheusClient
from distdiag_core.metrics.sources.prometheus.prometheus_settings import PrometheusSettings
from distdiag_core.runtime.runtime import Runtime
from tests.cluster.certificates import Authority
from tests.prometheus_server import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.prometheus_server import Prometheus

_TOKEN = "a-token-of-the-operator"


class _Front:
    """A proxy with TLS before a Prometheus, which lets nobody through without the token, and counts whom it saw."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.seen: list[str] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        """The answer of the Prometheus behind it."""
        self.seen.append(request.headers.get("Authorization", ""))
        if self.seen[-1] != f"Bearer {_TOKEN}":
            return web.Response(status=401, text="who are you?")
        async with ClientSession() as session, session.get(f"{self.behind}{request.path_qs}") as answer:
            return web.Response(status=answer.status, body=await answer.read())


@asynccontextmanager
async def _front(behind: str, authority: Authority, host: str = "127.0.0.1") -> AsyncIterator[_Front]:
    made = _Front(behind)
    files = authority.sign("server", (host,))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.cert, files.key)
    app = web.Application()
    app.router.add_get("/api/v1/query", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    made.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{_TOKEN}\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("own_places")
async def test_a_cluster_is_read_through_a_front_with_tls_and_a_token(
    prometheus: Prometheus, tmp_path: Path, token_file: Path
) -> None:
    authority = Authority(tmp_path)
    path = tmp_path / "mine.yaml"
    async with _front(prometheus.url, authority) as front:
        path.write_text(
            "name: mine\nsources: [prometheus]\nnodes: [{name: n1, host: n1, connection: none}]\n"
            f"prometheus: {{url: '{front.url}', token_file: {token_file}, tls: {{ca: {authority.file}}}}}\n",
            encoding="utf-8",
        )
        async with Runtime(inventory.load(path)) as runtime, asyncio.timeout(WITHIN_S):
            while math.isnan((await runtime.next_snapshot()).frame.value("n1", "host.cpu.usage")):
                pass
    assert set(front.seen) == {f"Bearer {_TOKEN}"}


async def test_who_is_no_prometheus_of_ours_is_named_and_gets_no_token(tmp_path: Path, token_file: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    for signed_by, host, said in ((theirs, "127.0.0.1", "certificate verify failed"), (ours, "127.0.0.9", "127.0.0.1")):
        async with _front("http://127.0.0.1:9", signed_by, host) as front:
            tls = TlsSettings(ca=str(ours.file))
            client = PrometheusClient(PrometheusSettings(url=front.url, token_file=str(token_file), tls=tls))
            with pytest.raises(UnreachableError, match=said) as caught:
                await client.query("up")
            await client.close()
        assert "prometheus.tls" in str(caught.value)
        assert front.seen == []


async def test_a_token_is_read_anew_at_every_question(prometheus: Prometheus, tmp_path: Path, token_file: Path) -> None:
    authority = Authority(tmp_path)
    async with _front(prometheus.url, authority) as front:
        tls = TlsSettings(ca=str(authority.file))
        client = PrometheusClient(PrometheusSettings(url=front.url, token_file=str(token_file), tls=tls))
        assert await client.query("up")
        await asyncio.to_thread(token_file.write_text, "of yesterday")
        with pytest.raises(AccountRefusedError, match=r"\(401\).*correct `prometheus\.token_file`") as refused:
            await client.query("up")
        assert "of yesterday" not in str(refused.value)
        await asyncio.to_thread(token_file.write_text, _TOKEN)
        assert await client.query("up")
        await asyncio.to_thread(token_file.unlink)
        with pytest.raises(DataError, match="the token cannot be read"):
            await client.query("up")
        await client.close()
