"""Parser of the report line of sysbench."""

import math

from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads.benchmarks.sysbench import sysbench_report

LINE = (
    "[ 7s ] thds: 4 tps: 157.33 qps: 3152.66 (r/w/o: 2208.66/629.33/314.66) "
    "lat (ms,95%): 11.65 err/s: 2.50 reconn/s: 0.00"
)


def test_a_line_of_sysbench_is_read() -> None:
    measured = sysbench_report.parse(LINE)

    assert measured is not None
    assert (measured.threads, measured.tps, measured.qps) == (4, 157.33, 3152.66)
    assert (measured.p95_ms, measured.errors_per_s) == (11.65, 2.5)


def test_the_percentiles_that_we_add_are_read() -> None:
    measured = sysbench_report.parse(f"p50: 5.47 p99: 19.29 {LINE}".replace("err/s:", "err/s"))

    assert measured is not None
    assert (measured.p50_ms, measured.p95_ms, measured.p99_ms, measured.errors_per_s) == (5.47, 11.65, 19.29, 2.5)


def test_a_second_without_a_transaction_has_no_latency() -> None:
    measured = sysbench_report.parse(LINE.replace("157.33", "0.00").replace("11.65", "0.00"))

    assert measured is not None
    assert measured.tps == 0
    assert math.isnan(measured.p95_ms)


@given(st.floats(0, 1e6), st.floats(0, 1e7), st.floats(0.01, 1e6), st.floats(0, 1e5), st.integers(1, 9999))
def test_every_figure_of_a_line_is_read(tps: float, qps: float, p95: float, errors: float, threads: int) -> None:
    line = (
        f"[ 12s ] thds: {threads} tps: {tps:.2f} qps: {qps:.2f} (r/w/o: 1.00/2.00/3.00) "
        f"lat (ms,95%): {p95:.2f} err/s: {errors:.2f} reconn/s: 0.00"
    )
    measured = sysbench_report.parse(line)

    assert measured is not None
    assert (measured.threads, f"{measured.tps:.2f}", f"{measured.qps:.2f}") == (threads, f"{tps:.2f}", f"{qps:.2f}")
    assert f"{measured.errors_per_s:.2f}" == f"{errors:.2f}"
    assert math.isnan(measured.p95_ms) if measured.tps == 0 else f"{measured.p95_ms:.2f}" == f"{p95:.2f}"


@given(st.text())
def test_other_text_is_no_report(text: str) -> None:
    assert sysbench_report.parse(text) is None


@given(st.integers(0, len(LINE) - 1), st.text(min_size=1, max_size=8))
def test_a_damaged_line_is_ignored_or_gives_valid_figures(at: int, noise: str) -> None:
    measured = sysbench_report.parse(LINE[:at] + noise + LINE[at + 1 :])

    if measured is not None:
        assert min(measured.tps, measured.qps, measured.errors_per_s, measured.threads) >= 0
        assert all(map(math.isfinite, (measured.tps, measured.qps, measured.errors_per_s)))


@given(st.integers(0, len(LINE) - len("reconn/s: 0.00")))
def test_a_truncated_line_is_ignored(end: int) -> None:
    assert sysbench_report.parse(LINE[:end]) is None


def test_figures_that_are_no_numbers_are_ignored() -> None:
    for wrong in ("nan", "inf", "-1.00", "-nan", "1,5"):
        assert sysbench_report.parse(LINE.replace("157.33", wrong)) is None


def test_the_queue_that_sysbench_reports_with_a_rate_is_no_report() -> None:
    assert sysbench_report.parse("[ 5s ] queue length: 3, concurrency: 1") is None
