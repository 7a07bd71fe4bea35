"""Answers of a load host, progress of a preparation and jobs of clients with any value in any place."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from distdiag_core.cluster.tls import Tls
from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.workloads import report_line
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.clients import remote_agent
from distdiag_core.workloads.clients.client_job import ClientJob
from distdiag_core.workloads.clients.load_host import ClientStatus, LoadSnapshot
from distdiag_core.workloads.clients.run_files import Run
from distdiag_core.workloads.clients.run_log import RunLogContent
from distdiag_core.workloads.clients.run_totals import RunTotals, TypeTotals
from distdiag_core.workloads.endpoint import Endpoint
from distdiag_core.workloads.load_profile import LoadProfile, LoadStep
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures
from tests.mutations import mutations

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_REQUEST = WorkloadRequest(nodes=("n1",), options=SysbenchOptions())
_RUN = Run("r7k2", "n1", _REQUEST, 4711, 1000.0, 1000.0, 1060.5)
_FIGURES = WorkloadFigures(1, 2, 3, 0, 4, types={"a": TypeFigures(1)}, extra={"tpmc": 5.0})


def _lines() -> list[dict[str, object]]:
    totals = RunTotals(1, 1.0, 2.0, types={"a": TypeTotals(1.0, 0.0)}, extra={"tpmc": 5.0})
    begun = {"what": "begun", "id": "r7k2", "node": "n1", "time_s": 1000.0, "request": asdict(_REQUEST)}
    ended = {"what": "ended", "id": "r7k2", "node": "n1", "time_s": 1060.0, "why": "x", "totals": asdict(totals)}
    return [begun, ended]


def test_any_snapshot_is_one_or_refused() -> None:
    sound = remote_agent.encode(LoadSnapshot((ClientStatus(_RUN, alive=True, note="", figures=_FIGURES),)))
    refused = 0
    for what, data in mutations(json.loads(json.dumps(sound))):
        try:
            remote_agent.decode(data, "gen")
        except DistdiagError as error:
            refused += 1
            assert "\n" not in str(error), what  # noqa: PT017 - most of many are refused
    assert refused > 200


def test_any_report_is_one_or_none() -> None:
    for _, data in mutations(json.loads(report_line.encode(_FIGURES))):
        report_line.decode(json.dumps(data))


def test_any_error_is_one_of_ours() -> None:
    sound = {"error": "DataError", "what": "x", "where": "n1", "hint": "y"}
    for _, data in mutations(sound):
        try:
            error = remote_agent.error_from(data, "gen")
        except DataError:
            continue
        assert isinstance(error, DistdiagError)


def test_any_job_is_one_or_refused() -> None:
    job = ClientJob(
        "lab", "r7k2", "n1", _REQUEST, {"n1": Endpoint("h", 1, "u", "p", Tls("h"))}, LoadProfile((LoadStep(1, 2),))
    )
    assert ClientJob.decode(job.encode()) == job
    refused = 0
    for _, data in mutations(json.loads(job.encode())):
        try:
            ClientJob.decode(json.dumps(data).encode())
        except DistdiagError:
            refused += 1
    assert refused > 200


def test_lines_of_the_run_log_that_are_damaged_are_passed_over() -> None:
    begun, ended = _lines()
    assert RunLogContent((begun, ended), ()).runs()[0].nodes["n1"].ended_s == 1060.0
    for _, data in mutations(begun):
        RunLogContent((data, ended), ()).runs()
    for _, data in mutations(ended):
        (run,) = RunLogContent((begun, data), ()).runs()
        assert run.id == "r7k2"


def test_an_agent_that_is_asked_nonsense_answers_with_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    questions = [json.dumps(data) for _, data in mutations({"ask": "end", "kind": "x", "ids": ["r7k2"]})]
    answers: list[str] = []
    remote_agent.serve("lab", ["[" * 100_000, "{", "\x00", *questions], answers.append)
    assert len(answers) == len(questions) + 4
    for answer in answers[1:]:
        assert {"answer", "error"} & set(json.loads(answer))
