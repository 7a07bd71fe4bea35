"""Diagnoses as text and as JSON."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cli.diagnosis_text import DiagnosisPrinter
from distdiag_core.diagnosis.detection.ranking import Alternative, Diagnosis, Evidence, RootCause
from distdiag_core.metrics import catalogue

if TYPE_CHECKING:
    from pathlib import Path

NOON_S = 1_790_000_000.5
CAUSE = RootCause(
    1, "n2", "io_stress", 0.91, 1.1, 1.0, NOON_S,
    (
        Evidence("host.disk.latency", 9.0, 0.4, 21.0, 0.5, 1.8, NOON_S + 2),
        Evidence("host.disk.busy", 8.0, 12.0, 99.0, None, 1.2, NOON_S),
        Evidence("host.pressure.io.some", float("nan"), None, 71.0, 2.0, 0.4),
    ),
    alternative=Alternative(
        "cpu_stress", 0.8, active=False, distinguishing_metrics=("host.disk.busy", "host.cpu.usage")
    ),
)  # fmt: skip
DIAGNOSIS = Diagnosis(NOON_S, anomalous=True, root_causes=(CAUSE,))


def clock(time_s: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(time_s))


@pytest.mark.usefixtures("home")
def test_the_text_has_units_order_alternative_and_advice(capsys: pytest.CaptureFixture[str]) -> None:
    DiagnosisPrinter(catalogue.load(), as_json=False).put(DIAGNOSIS, "case-1")

    verdict, cause, order, other, advice = capsys.readouterr().out.splitlines()
    assert verdict == "case-1  anomalous"
    assert "disk latency 400 us -> 21 ms (peers 500 us), disk busy 12% -> 99%, stalled for io 71% (peers 2%)" in cause
    assert order.strip() == f"first: disk busy {clock(NOON_S)}, then disk latency {clock(NOON_S + 2)}"
    assert other.strip() == ("looks like io_stress or cpu_stress, confidence 0.80; they differ most in disk busy, cpu")
    assert advice.strip().startswith("advice: ")
    assert "`distdiag advice io_stress`" in advice


def test_json_has_every_field_and_no_nan(capsys: pytest.CaptureFixture[str]) -> None:
    DiagnosisPrinter(catalogue.load(), as_json=True).put(DIAGNOSIS)

    (cause,) = json.loads(capsys.readouterr().out)["root_causes"]
    assert cause["onset"] == NOON_S
    assert cause["ambiguous"] is True
    assert cause["alternative"]["distinguishing_metrics"] == ["host.disk.busy", "host.cpu.usage"]
    assert cause["evidence"][0] == {
        "metric": "host.disk.latency", "sigma": 9.0, "before": 0.4, "now": 21.0, "peers": 0.5,
        "contribution": 1.8, "onset_s": NOON_S + 2,
    }  # fmt: skip
    assert cause["evidence"][2]["sigma"] is None


def test_a_mistake_in_a_file_of_advice_does_not_keep_json_from_programs(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "config" / "distdiag" / "advice" / "io_stress.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("frist: x\n", encoding="utf-8")
    DiagnosisPrinter(catalogue.load(), as_json=True).put(DIAGNOSIS)
    assert json.loads(capsys.readouterr().out)["anomalous"] is True
