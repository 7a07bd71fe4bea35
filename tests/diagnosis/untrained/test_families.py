"""One event that is counted many times is not much evidence."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.untrained.families import CAP, Families, family

READS = ("host.disk.reads", "host.disk.read_bytes", "sysstat.io_read_count", "sysstat.io_read_bytes",
         "sysstat.block_cache_miss", "sysstat.row_cache_miss")  # fmt: skip
MIXED = ("host.disk.reads", "host.cpu.usage", "workload.p95", "host.memory.free", "host.tcp.retransmits",
         "sysstat.trans_commit_count")  # fmt: skip


def score(metrics: tuple[str, ...], surprise: float) -> float:
    return float(Families(metrics).score(np.full((1, len(metrics)), surprise, dtype=np.float32))[0])


def test_many_counts_of_one_event_are_less_than_as_many_of_several() -> None:
    assert score(MIXED, -6) == pytest.approx(6)
    assert score(READS, -6) == pytest.approx(3)


def test_no_metric_counts_without_bound_and_few_metrics_count_less() -> None:
    assert score(MIXED, 1e6) == pytest.approx(CAP)
    assert score(MIXED[:1], 6) == pytest.approx(1)
    assert score((), 6) == 0


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("sysstat.request_queue_latency", "contention"),
        ("workload.p95", "latency"),
        ("combined_avg_latency", "latency"),
        ("osnumberofsectorreads", "reading"),
        ("osnetworksendkb", "network"),
        ("avgcpuuser", "cpu"),
        ("dbmscommittedcommands", "statements"),
    ],
)
def test_metrics_of_any_system_have_a_family(metric: str, expected: str) -> None:
    assert family(metric) == expected
