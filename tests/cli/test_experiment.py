"""`distdiag experiment`: what was run is listed, shown and compared; what cannot be run is refused before any load."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.campaign.load import Load
from distdiag_core.cli.experiment import experiment, load_of
from distdiag_core.experiments import experiment_files
from distdiag_core.experiments.experiment import ExperimentResult, Level, PartCost, Stretch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

_BEFORE, _DURING = Level(300.0, 20.0, {"n1": (300.0, 20.0)}), Level(75.0, 90.0, {"n1": (75.0, 90.0)})
RESULT = ExperimentResult(
    "first",
    "mine",
    "sysbench oltp_read_write, 4 threads a node",
    1_800_000_000.0,
    1_800_000_100.0,
    (PartCost("cpu_stress", "n1", "high", 0.0, 30.0, "ended", 0.0, 1.5, 30.0, level=_DURING),),
    (Stretch("before", 0, 30, _BEFORE), Stretch("during", 31, 60, _DURING, ("cpu_stress high on n1",))),
)


def test_an_experiment_is_listed_shown_and_compared(distdiag: Callable[..., Ended]) -> None:
    experiment_files.write(RESULT)
    experiment_files.write(replace(RESULT, name="second", stretches=RESULT.stretches[:1]))
    listed = json.loads(distdiag("experiment", "list", "--json").stdout)["experiments"]
    assert {each["name"] for each in listed} == {"first", "second"}
    shown = distdiag("experiment", "show", "first").stdout
    assert "during   29       75.0   -75    90.0    +350   cpu_stress high on n1" in shown
    assert "cpu_stress high  n1    +0 s for 30 s  +0.0 s  +1.5 s  +30.0 s  ended" in shown
    assert json.loads(distdiag("experiment", "show", "first", "--json").stdout)["parts"][0]["level"]["tps"] == 75
    assert distdiag("experiment", "show", "first", "--markdown").stdout.startswith("# Experiment first\n")
    compared = distdiag("experiment", "compare", "first", "second")
    assert "before tps     300.0  300.0   +0" in compared.stdout
    assert "during tps     75.0   -       -" in compared.stdout
    assert json.loads(distdiag("experiment", "compare", "first", "second", "--json").stdout)["differences"]


@pytest.mark.parametrize(
    ("arguments", "load"),
    [
        ((), Load()),
        (("--table-size", "900", "--tables", "4", "--skip-trx"), Load(options={"table_size": 900, "skip_trx": True})),
        (("--load", "tpcc", "--warehouses", "2", "--threads", "3"), Load("tpcc", "", 3, options={"warehouses": 2})),
    ],
)
def test_a_benchmark_is_given_its_own_options(arguments: tuple[str, ...], load: Load) -> None:
    run = experiment.commands["run"]
    parsed = run.make_context("run", ["cpu_stress@n1", *arguments], resilient_parsing=True)
    assert load_of(dict(parsed.params)) == load


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("show", "none"), 2, "no experiment is called"),
        (("run",), 2, "what to inject is not said"),
        (("run", "cpu_stress@n1", "--load", "pgbench"), 2, "pgbench"),
        (("run", "cpu_stress@n1", "--load", "tpcc", "--tables", "3"), 2, "No such option '--tables'"),
        (("run", "cpu_stress@n1", "--load=tpcc", "--warehouses", "0"), 2, "1<=x<=10000"),
        (("run", "cpu_stress@n1", "--for", "11m"), 3, "protect.max_duration_s"),
        (("run", "cpu_stress@n1", "--name", "../x"), 2, "cannot be the name"),
    ],
)
def test_what_cannot_be_run_is_said(
    distdiag: Callable[..., Ended],
    cluster_file: Callable[[str], Path],
    arguments: tuple[str, ...],
    status: int,
    words: str,
) -> None:
    cluster_file("name: mine\nread_only: false\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n")
    ended = distdiag("experiment", *arguments)
    assert (ended.status, words in ended.stderr) == (status, True), ended.stderr
