"""Text of the figures of a workload."""

from __future__ import annotations

from distdiag_core.cli.workload import figure_lines
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures


def test_a_latency_that_nothing_has_is_a_dash_and_keeps_its_columns() -> None:
    types = {"payment": TypeFigures(16.0, 76.1, 286.2), "delivery": TypeFigures(0.0)}
    lines = figure_lines("n1", WorkloadFigures(31.9, 256.5, float("nan"), 0.0, 4, types=types, extra={"tpmc": 718.5}))
    assert not any("nan" in line for line in lines)
    payment, delivery = lines[1:3]
    assert "p50    76.1 ms" in payment
    assert len(payment) == len(delivery)
    assert lines[3].split() == ["tpmc", "718.5"]
