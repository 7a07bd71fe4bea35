"""A real Prometheus on a free port of this machine, whose targets can be changed while it runs."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from tests.ports import free_port
from tests.unpacked_programs import unpacked
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

WITHIN_S = 60.0


class Prometheus:
    """A Prometheus that scrapes every second what `scrape` names."""

    def __init__(self, url: str, targets: Path) -> None:
        self.url = url
        self._targets = targets
        self._scraped: dict[str, dict[str, str]] = {}

    def scrape(self, address: str, **labels: str) -> None:
        """Also scrape what listens at an address, from now on."""
        self._scraped[address] = labels
        groups = [{"targets": [each], "labels": more} for each, more in self._scraped.items()]
        # Prometheus must not read half of it.
        made = self._targets.with_suffix(".new")
        made.write_text(json.dumps(groups), encoding="utf-8")
        made.replace(self._targets)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The result of an instant query, as the API gives it."""
        asked = f"{self.url}/api/v1/query?{urlencode({'query': expression})}"
        with urlopen(asked, timeout=WITHIN_S) as answer:  # noqa: S310 - of the server below
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return result

    def value(self, expression: str) -> float:
        """The value of an expression that comes to give one; waits for it."""
        eventually(lambda: len(self.query(expression)) == 1, expression)
        return float(self.query(expression)[0]["value"][1])


def answers(url: str) -> bool:
    """Whether a server answers a request."""
    try:
        with urlopen(url, timeout=WITHIN_S):  # noqa: S310
            return True
    except (URLError, OSError):
        return False


@contextmanager
def running_prometheus(
    directory: Path, scrape: Mapping[str, object] | None = None, interval: str = "1s"
) -> Iterator[Prometheus]:
    """A Prometheus with its data in a directory; `scrape` are further keys of its scrape configuration."""
    targets = directory / "targets.json"
    targets.write_text("[]", encoding="utf-8")
    discovery = {"files": [str(targets)], "refresh_interval": "1s"}
    job = {"job_name": "tests", "file_sd_configs": [discovery], **(scrape or {})}
    config = directory / "prometheus.yaml"
    times = {"scrape_interval": interval, "scrape_timeout": interval}
    config.write_text(yaml.safe_dump({"global": times, "scrape_configs": [job]}), encoding="utf-8")
    port = free_port()
    options = {
        "config.file": config, "storage.tsdb.path": directory / "data", "web.listen-address": f"127.0.0.1:{port}",
        "log.level": "error",
    }  # fmt: skip
    command = [unpacked("usr/bin/prometheus"), *(f"--{name}={value}" for name, value in options.items())]
    with (directory / "prometheus.log").open("wb") as log, running(command, log):
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: answers(f"{url}/-/ready"), "Prometheus is ready")
        yield Prometheus(url, targets)


@contextmanager
def running(command: list[Any], log: Any) -> Iterator[subprocess.Popen[bytes]]:  # noqa: ANN401 - a file
    """A program for as long as the context lasts."""
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(WITHIN_S)


@contextmanager
def running_node_exporter(directory: Path) -> Iterator[str]:
    """A node_exporter of this machine; its address."""
    port = free_port()
    command = [unpacked("usr/bin/prometheus-node-exporter"), f"--web.listen-address=127.0.0.1:{port}"]
    with (directory / "node_exporter.log").open("wb") as log, running(command, log):
        eventually(lambda: answers(f"http://127.0.0.1:{port}/"), "node_exporter answers")
        yield f"127.0.0.1:{port}"
