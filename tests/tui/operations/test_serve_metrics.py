"""Metrics for Prometheus, served by a console."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.request import urlopen

from distdiag_core.exporter.exporter_settings import ExporterSettings
from distdiag_core.metrics import clock
from distdiag_tui.app import DistdiagApp
from distdiag_tui.views.panels import data_lines, title
from tests.ports import free_port
from tests.tui import canned
from tests.tui.conftest import WITHIN_S, until

if TYPE_CHECKING:
    from tests.tui.conftest import Running


def _read(url: str) -> str:
    try:
        with urlopen(url, timeout=WITHIN_S) as answer:  # noqa: S310 - of the console
            text: str = answer.read().decode()
            return text
    except OSError:
        return ""


async def test_the_cluster_file_begins_it_and_a_key_stops_it(running: Running) -> None:
    address = f"127.0.0.1:{free_port()}"
    settings = replace(canned.cluster(), sections=(ExporterSettings(listen=address),))
    snapshot = canned.troubled(settings=settings)
    snapshot = replace(snapshot, frame=replace(snapshot.frame, time_s=clock.now_s()))
    async with running(snapshot) as pilot:
        text = await asyncio.to_thread(_read, f"http://{address}/metrics")
        assert 'distdiag_host_cpu_usage_ratio{cluster="lab",node="n2",zone="zone2"}' in text
        assert isinstance(pilot.app, DistdiagApp)
        view = pilot.app.current.view
        assert view is not None
        said_at = ["".join(text for text, _ in line) for line in (title(view, 160), *data_lines(view, 40))]
        assert any(f"metrics :{address.rpartition(':')[2]}" in line for line in said_at)
        assert f" metrics at {address}" in [line.rstrip() for line in said_at]
        await pilot.press("P")
        said = [each.message for each in pilot.app._notifications]
        await until(pilot, lambda: any("no longer served" in each.message for each in pilot.app._notifications))
        assert f"metrics for Prometheus at http://{address}/metrics" in said
        assert await asyncio.to_thread(_read, f"http://{address}/metrics") == ""
