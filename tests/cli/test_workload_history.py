"""`distdiag workload history` and `compare`: what ran, what was injected meanwhile, and what that cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from distdiag_core.recording import audit_log
from distdiag_core.recording.audit_log import AuditRecord
from distdiag_core.workloads.clients.run_files import Run
from distdiag_core.workloads.clients.run_log import TIME_IS_UP, RunLog
from distdiag_core.workloads.clients.run_totals import RunTotals, TypeTotals
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

_BEGAN_S = 1_700_000_000.0


def _ran(name: str, began_s: float, totals: RunTotals) -> None:
    log = RunLog("mine")
    run = Run(name, "n1", WorkloadRequest(nodes=("n1",), threads=2), 1, began_s, began_s)
    log.begun(run)
    log.ended(run, TIME_IS_UP, totals)


def test_two_runs_are_compared(distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]) -> None:
    cluster_file("name: mine\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n")
    _ran("calm", _BEGAN_S, RunTotals(60, 300.0, 6000.0, 0.0, 8.0, 20.0, 30.0, 25.0, {"all": TypeTotals(300.0, 0.0)}))
    _ran("stressed", _BEGAN_S + 100, RunTotals(60, 75.0, 1500.0, 0.5))
    stress = {"ids": ["a"], "anomaly": "cpu_stress", "severity": "high", "duration_s": 60.0}
    audit_log.append(AuditRecord("inject", "mine", ("n1",), _BEGAN_S + 110, 2.0, "done", stress))

    runs = json.loads(distdiag("workload", "history", "--json").stdout)["runs"]
    found = json.loads(distdiag("workload", "compare", "calm", "stressed", "--json").stdout)

    assert {each["id"] for each in runs} == {"calm", "stressed"}
    by_figure = {each["figure"]: each for each in found["differences"]}
    assert (by_figure["tps"]["change"], by_figure["tps"]["percent"]) == (-225.0, -75.0)
    assert [each["anomaly"] for each in found["after"]["injections"]] == ["cpu_stress"]
    assert distdiag("workload", "compare", "calm", "none").status == 2
