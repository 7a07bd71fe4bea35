"""A webhook on this machine is told of incidents."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from distdiag_core.errors import ConfigError
from distdiag_core.incidents.notices import IncidentNotices
from distdiag_core.incidents.tracker import IncidentTracker
from distdiag_core.recording.journal import Journal
from distdiag_core.runtime.notify_settings import NotifySettings
from distdiag_core.runtime.webhook import Webhook
from distdiag_core.settings import loader
from tests.incidents.conftest import diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Server(ThreadingHTTPServer):
    """Keeps what is posted; answers with `statuses` first, then with 204."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posted: list[dict[str, Any]] = []
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?token=swordfish"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        assert self.headers["Content-Type"].startswith("application/json")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        if status == 204:
            self.server.posted.append(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@contextmanager
def _listening() -> Iterator[_Server]:
    with _Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


async def _one_incident(webhook: Webhook) -> None:
    tracker = IncidentTracker()
    for second in range(40):
        tracker.on_tick(second, diagnosis(second, *([("n2", "cpu_stress")] if 5 <= second < 20 else [])))
        webhook.on_tick(second, tracker.current)
    running = asyncio.ensure_future(webhook.run())
    await webhook.close()
    running.cancel()


def _webhook(url: str, journal: Journal) -> Webhook:
    return Webhook(url, journal, IncidentNotices("shop", str.upper), pauses_s=(0.0,))


async def test_begin_and_end_are_posted_as_json_also_after_an_error() -> None:
    journal = Journal()
    with _listening() as server:
        server.statuses = [503]
        await _one_incident(_webhook(server.url, journal))
        assert [each["event"] for each in server.posted] == ["incident_begin", "incident_end"]
        assert server.posted[0]["text"] == "shop: CPU_STRESS on n2, confidence 0.90 (incident 1)"
    assert journal.newest_first() == ()


async def test_what_cannot_be_delivered_is_noted_without_the_secret_of_the_address() -> None:
    journal = Journal()
    with _listening() as server:
        server.statuses = [500, 500]
        await _one_incident(_webhook(server.url, journal))
        assert [each["event"] for each in server.posted] == ["incident_end"]
    (event,) = journal.newest_first()
    assert event.level == "warning"
    assert event.text.startswith("the webhook at 127.0.0.1 did not take the notice `shop: CPU_STRESS on n2")
    assert event.text.endswith("it answered 500 Internal Server Error")
    assert "swordfish" not in event.text


def test_the_address_stands_in_the_file_or_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert NotifySettings().address() is None
    assert NotifySettings(webhook="http://h/x").address() == "http://h/x"
    of_variable = NotifySettings(webhook_env="HOOK")
    with pytest.raises(ConfigError, match="the variable HOOK holds no address"):
        of_variable.address()
    monkeypatch.setenv("HOOK", "https://h/secret")
    assert of_variable.address() == "https://h/secret"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("webhook: file:///etc/passwd\n", "f:1: webhook: must be an address that begins with http:// or https://"),
        ("webhook: https://h/x\nwebhook_env: HOOK\n", "webhook and webhook_env exclude each other"),
    ],
)
def test_a_wrong_address_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as raised:
        loader.parse(text, NotifySettings, where="f")
    assert complaint in str(raised.value)
    assert "passwd" not in str(raised.value)
