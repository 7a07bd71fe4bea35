"""Which injections were there while a run went on, as the audit log has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from distdiag_core.operations import run_history
from distdiag_core.recording import audit_log
from distdiag_core.recording.audit_log import AuditRecord
from distdiag_core.workloads.clients.run_log import PastRun
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.recording.audit_log import Result


def _act(
    what: str,
    began_s: float,
    result: Result = "done",
    nodes: tuple[str, ...] = (),
    **parameters: Any,  # noqa: ANN401 - what JSON can carry
) -> AuditRecord:
    return AuditRecord(what, "test", nodes, began_s, 2.0, result, parameters)


def _inject(began_s: float, *ids: str, result: Result = "done") -> AuditRecord:
    nodes = tuple(f"n{number}" for number in range(1, len(ids) + 1))
    return _act("inject", began_s, result, nodes, ids=list(ids), anomaly="cpu_stress", severity="high", duration_s=60.0)


def test_each_node_of_an_act_is_an_injection_until_its_deadline() -> None:
    first, second = run_history.injections_of([_inject(100, "a", "b")])

    assert (first.id, first.node, first.anomaly, first.severity) == ("a", "n1", "cpu_stress", "high")
    assert (first.began_s, first.ended_s) == (100, 162)
    assert (second.id, second.node) == ("b", "n2")


@pytest.mark.parametrize(
    "clear", [_act("clear", 120, ids=["a"]), _act("abort", 120, ids=["a"]), _act("clear all", 120)]
)
def test_what_was_cleared_ended_then(clear: AuditRecord) -> None:
    (injection,) = run_history.injections_of([_inject(100, "a"), clear])

    assert injection.ended_s == 122


def test_what_was_cleared_after_its_deadline_ended_at_its_deadline() -> None:
    (injection,) = run_history.injections_of([_inject(100, "a"), _act("clear all", 500)])

    assert injection.ended_s == 162


@pytest.mark.parametrize("result", ["failed", "refused", "interrupted"])
def test_what_never_was_is_none(result: Result) -> None:
    assert run_history.injections_of([_inject(100, "a", result=result), _act("clear", 120, ids=["zz"])]) == ()


def test_a_run_has_those_that_were_there_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for act in (_inject(100, "early"), _inject(200, "meanwhile"), _inject(400, "late")):
        audit_log.append(act)
    ended = PastRun("r1", WorkloadRequest(), 190, 300, "its time was up")
    going = PastRun("r2", WorkloadRequest(), 390, None, "")

    first, second = run_history.beside_injections((ended, going), "test")

    assert [each.id for each in first.injections] == ["meanwhile"]
    assert [each.id for each in second.injections] == ["late"]
    assert run_history.beside_injections((ended,), "another")[0].injections == ()
