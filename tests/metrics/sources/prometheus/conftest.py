"""One Prometheus with a node_exporter for all tests of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.prometheus_server import running_node_exporter, running_prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.prometheus_server import Prometheus


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A real one, which scrapes this machine as three nodes, the last of which is down."""
    directory = tmp_path_factory.mktemp("prometheus")
    with running_node_exporter(directory) as address, running_prometheus(directory) as server:
        server.scrape(address, instance="n1:9100")
        server.scrape(address.replace("127.0.0.1", "localhost"), instance="n2:9100")
        server.scrape("127.0.0.1:9", instance="n3:9100")
        # Rates need two samples.
        server.value("count(count_over_time(node_time_seconds[1m]) > 2) == 2")
        yield server
