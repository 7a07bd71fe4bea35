"""Parser of the report line that sysbench prints each second."""

from __future__ import annotations

import math
import re

from distdiag_core.workloads.workload_status import WorkloadFigures

_LINE = re.compile(
    r"(?:p50: (?P<p50>\S+) p99: (?P<p99>\S+) )?"
    r"\[ \d+s \] thds: (?P<threads>\d{1,9}) tps: (?P<tps>\S+) qps: (?P<qps>\S+) \(r/w/o: \S+\)"
    r" lat \(ms,\d+%\): (?P<latency>\S+) err/s:? (?P<errors>\S+) reconn/s: \S+",
    re.ASCII,
)


def parse(line: str) -> WorkloadFigures | None:
    """Parse a line; None where it is no report, or a damaged one."""
    found = _LINE.search(line)
    if found is None:
        return None
    tps, qps, latency_ms, errors = (_figure(found[name]) for name in ("tps", "qps", "latency", "errors"))
    if tps is None or qps is None or latency_ms is None or errors is None:
        return None
    threads = int(found["threads"])
    if not tps:
        # sysbench prints 0 ms then, which would be the best latency of all.
        return WorkloadFigures(tps, qps, math.nan, errors, threads)
    p50_ms, p99_ms = (_latency_ms(found[name]) for name in ("p50", "p99"))
    return WorkloadFigures(tps, qps, latency_ms, errors, threads, p50_ms, p99_ms)


def _latency_ms(text: str | None) -> float:
    """NaN where the line has no such figure."""
    value = None if text is None else _figure(text)
    return math.nan if value is None else value


def _figure(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
