"""The line that sysbench prints each second."""

from __future__ import annotations

import math
import re

from distdiag_core.workloads.workload import WorkloadFigures

_LINE = re.compile(
    r"\[ \d+s \] thds: (?P<threads>\d{1,9}) tps: (?P<tps>\S+) qps: (?P<qps>\S+) \(r/w/o: \S+\)"
    r" lat \(ms,\d+%\): (?P<latency>\S+) err/s: (?P<errors>\S+) reconn/s: \S+",
    re.ASCII,
)


def parse(line: str) -> WorkloadFigures | None:
    """What `line` reports; None where it is no report, or a mangled one."""
    found = _LINE.search(line)
    if found is None:
        return None
    tps, qps, latency_ms, errors = (_figure(found[name]) for name in ("tps", "qps", "latency", "errors"))
    if tps is None or qps is None or latency_ms is None or errors is None:
        return None
    # Of a second in which nothing finished, sysbench says 0 ms, which would look like the best second of all.
    p95_ms = latency_ms if tps > 0 else math.nan
    return WorkloadFigures(tps, qps, p95_ms, errors, int(found["threads"]))


def _figure(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
