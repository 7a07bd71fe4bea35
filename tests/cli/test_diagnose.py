"""`distdiag diagnose`: what is printed of a diagnosis, of recorded cases and live."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.cli.diagnosis_text import DiagnosisPrinter
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.incidents.incident import Incident
from distdiag_core.incidents.validation import Validation
from distdiag_core.models import model_registry
from tests.incidents.conftest import half
from tests.tui.canned import troubled

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from distdiag_core.runtime.snapshot import Snapshot
    from tests.cli.conftest import Ended

CASE = Path(__file__).parents[1] / "diagnosis" / "lab_cases" / "cpu_stress-n2-high-rw3-1"


def test_a_recorded_case_says_what_the_anomaly_cost(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("diagnose", "--cases", str(CASE), "--json")

    assert ended.status == 0, ended.stderr
    facts = json.loads(ended.stdout)
    first, second, *others = facts["root_causes"]
    assert (first["node"], first["anomaly"]) == ("n2", "cpu_stress")
    assert first["impact"]["throughput"]["metric"] == "workload.tps"
    assert first["impact"]["throughput"]["factor"] < 0.5
    assert first["impact"]["latency"]["factor"] > 2
    # Only a root cause that is active costs something.
    assert all((each["impact"] is not None) == (each["onset"] is not None) for each in (first, second, *others))
    assert set(facts["impact"]["nodes"]) == {"n1", "n2", "n3"}


def test_without_a_model_an_anomaly_is_of_no_known_kind(distdiag: Callable[..., Ended]) -> None:
    model_registry.keep("gone")

    ended = distdiag("diagnose", "--cases", str(CASE), "--json")
    facts = json.loads(ended.stdout)
    assert facts["anomalous"]
    assert {cause["anomaly"] for cause in facts["root_causes"]} == {"unknown"}
    assert facts["root_causes"][0]["node"] == "n2"
    assert facts["root_causes"][0]["evidence"][0]["before"] is not None
    assert "no model, so that anomalies are found and not named" in ended.stderr

    assert "n2         no known kind " in distdiag("diagnose", "--cases", str(CASE)).stdout


def test_a_model_that_is_asked_for_must_exist(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("diagnose", "--cases", str(CASE), "--model", "gone")
    assert ended.status != 0
    assert "no model is called" in ended.stderr


def test_a_change_of_load_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = troubled()
    assert snapshot.diagnosis is not None
    snapshot = replace(snapshot, diagnosis=replace(snapshot.diagnosis, load_changes=("n1", "n3")))

    assert "  load change on n1, n3" in followed(snapshot, capsys, as_json=False).splitlines()
    assert json.loads(followed(snapshot, capsys, as_json=True))["load_changes"] == ["n1", "n3"]


def followed(snapshot: Snapshot, capsys: pytest.CaptureFixture[str], *, as_json: bool) -> str:
    assert snapshot.diagnosis is not None
    DiagnosisPrinter(snapshot.catalogue, as_json=as_json).put(snapshot.diagnosis, snapshot=snapshot)
    return capsys.readouterr().out


def live() -> Snapshot:
    """An incident goes on, which halves the throughput of n2."""
    snapshot = troubled()
    diagnosis, now_s = snapshot.diagnosis, snapshot.frame.time_s
    assert diagnosis is not None
    first, *others = diagnosis.root_causes
    cost = half("n2")
    causes = (replace(first, impact=cost.nodes["n2"]), *others)
    return replace(
        snapshot,
        diagnosis=replace(diagnosis, root_causes=causes, impact=cost),
        incident=Incident(3, now_s - 38, now_s - 34, now_s),
        validation=Validation(14, 15),
    )


def test_a_live_diagnosis_has_impact_and_what_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    verdict, cluster, first, *others = followed(live(), capsys, as_json=False).splitlines()
    second = next(line for line in others if line.startswith("  2 "))

    assert verdict.endswith("anomalous  14 of 15 injections named")
    assert cluster == "  cluster impact: tps -25 %"
    assert "cpu 31% -> 99% (peers 28%)" in first
    assert "node impact tps -50 %, latency x3.0 " in first
    assert "node impact - " in second


def test_an_impact_that_is_not_known_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert "node impact unknown " in followed(troubled(), capsys, as_json=False)


def test_a_line_of_json_has_the_incident_and_the_count(capsys: pytest.CaptureFixture[str]) -> None:
    facts = json.loads(followed(live(), capsys, as_json=True))

    assert facts["incident"]["id"] == 3
    assert facts["validated"] == {"right": 14, "total": 15, "proposal": ""}
    assert json.loads(followed(troubled(), capsys, as_json=True))["incident"] is None


def test_the_metrics_of_the_model_that_a_case_lacks_are_said_once(
    distdiag: Callable[..., Ended], tmp_path: Path
) -> None:
    case = case_directory.read(CASE)
    window = case.window
    kept = [place for place, metric in enumerate(window.metrics) if not metric.startswith("host.cpu.")]
    fewer = replace(window, metrics=tuple(window.metrics[place] for place in kept), values=window.values[:, kept])
    for name in ("a", "b"):
        case_directory.write(replace(case, name=name, window=fewer), tmp_path)
    ended = distdiag("diagnose", "--cases", str(tmp_path), "--json")

    assert ended.status == 0, ended.stderr
    (said,) = (line for line in ended.stderr.splitlines() if "cpu_stress: " in line)
    assert said.startswith("note: a: cpu_stress: ")
    assert "metrics are not read here" in said
