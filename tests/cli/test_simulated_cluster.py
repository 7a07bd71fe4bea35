"""`--cluster sim:N`: marked wherever it is shown, and refused by every verb that is about a real cluster."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from distdiag_core.simulation.request import SimulationRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended


def test_every_line_of_watch_says_that_it_is_simulated(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("--cluster", "sim:2", "watch", "--for", "3s", "--json")
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {each["node"] for each in lines} == {"n1", "n2"}
    assert all(each["simulated"] for each in lines)
    assert "SIMULATED" in ended.stderr
    text = distdiag("--cluster", "sim:2", "watch", "--for", "3s").stdout.splitlines()
    assert text
    assert all("  SIMULATED  " in line for line in text)
    # Without a benchmark, throughput and latency are those of the database.
    assert all(re.search(r"tps +\d+\.\d/s  latency +\d+\.\dms", line) for line in text)


@pytest.mark.parametrize(
    "line",
    ["watch --record", "inject cpu_stress --node n1", "clear --all", "workload stop --all", "diagnose", "doctor"],
)
def test_a_verb_about_a_real_cluster_refuses_it(distdiag: Callable[..., Ended], line: str) -> None:
    ended = distdiag("--cluster", "sim:2", *line.split())
    assert ended.status == 3
    assert "simulated cluster" in ended.stderr


def test_the_console_opens_it(distdiag: Callable[..., Ended]) -> None:
    (target,) = distdiag("--cluster", "sim:100:7").consoles
    assert target.simulation() == SimulationRequest(100, 7)
