"""`distdiag campaign` without a cluster: plans and refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

_NODES = "".join(
    f"  - {{name: n{number}, host: 127.0.0.1, connection: local, sql: {{port: {number}}}}}\n" for number in (1, 2, 3)
)
_CLUSTER = f"name: mine\nread_only: false\nprotect: {{allow: [node_hang, node_down], max_nodes: 3}}\nnodes:\n{_NODES}"


@pytest.fixture
def plan(distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]) -> Callable[..., Ended]:
    """Runs `distdiag campaign run ... --dry-run` on a cluster of three nodes."""
    cluster_file(_CLUSTER)
    return lambda *arguments: distdiag("campaign", "run", *arguments, "--dry-run")


def test_a_dry_run_prints_every_case_and_the_length(plan: Callable[..., Ended]) -> None:
    ended = plan("paper16", "--repeats", "1", "--only", "W3")

    assert ended.status == 0, ended.stderr
    header, case = ended.stdout.splitlines()
    assert header.split() == ["case", "load", "anomalies", "seconds"]
    assert case.startswith("W3-n")
    assert " on n1+n2+n3, network_delay " in case
    assert "1 cases, about" in ended.stderr


def test_a_dry_run_prints_json_alone(plan: Callable[..., Ended]) -> None:
    planned = json.loads(plan("paper16", "--repeats", "2", "--seed", "5", "--loads", "rw4,tpcc3", "--json").stdout)

    assert planned["seed"] == 5
    assert len(planned["cases"]) == 32
    assert {load for case in planned["cases"] for load in case["loads"]} == {"rw4", "tpcc3"}
    assert len({case["scenario"] for case in planned["cases"]}) == 16
    assert planned["expected_s"] < 30 * 60


def test_files_that_are_run_together_are_one_plan(plan: Callable[..., Ended]) -> None:
    ended = plan("paper16", "catalogue", "normal-operation", "--loads", "rw2,tpcc2", "--repeats", "2")

    assert ended.status == 0, ended.stderr
    for case in ("A1-n", "node_down-n", "normal-none-tpcc2-none-1"):
        assert f"\n{case}" in ended.stdout


def test_the_previous_name_of_normal_operation_is_still_found_with_a_note(plan: Callable[..., Ended]) -> None:
    current, previous = (plan(name, "--json") for name in ("normal-operation", "normal-life"))

    assert previous.status == 0, previous.stderr
    assert previous.stdout == current.stdout
    assert "note: normal-life is now called normal-operation" in previous.stderr
    assert "note" not in current.stderr


def test_the_rule_that_forbids_a_case_is_named(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(f"name: mine\nread_only: false\nnodes:\n{_NODES}")

    ended = distdiag("campaign", "run", "paper16", "--dry-run")

    assert ended.status == 3
    assert "key protect.max_nodes: case B3-n" in ended.stderr


def test_the_directory_of_the_cases_is_required(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(_CLUSTER)

    ended = distdiag("campaign", "run", "paper16")

    assert ended.status == 2
    assert "give --out DIR, or --dry-run" in ended.stderr


def test_an_unknown_scenario_is_named(plan: Callable[..., Ended]) -> None:
    ended = plan("paper16", "--only", "D1")

    assert ended.status == 2
    assert "campaign paper16: has no scenario D1; it has A1, A2" in ended.stderr
