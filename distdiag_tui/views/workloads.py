"""The benchmarks that run or are prepared, and what their clients measure, as lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distdiag_core.workloads.workload_status import WorkloadState
from distdiag_tui.drawing.format import countdown, figure
from distdiag_tui.drawing.lines import BLANK, Line, Span, Tone, block, fit, fitting_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.workloads.workload_status import Progress, TypeFigures, WorkloadFigures, WorkloadStatus
    from distdiag_tui.views.view_state import ViewState

WORKING = (WorkloadState.RUNNING, WorkloadState.PREPARING, WorkloadState.STOPPING)
"""What can be stopped."""
READY = (WorkloadState.PREPARED, WorkloadState.RUNNING, WorkloadState.STOPPING)
"""What is there to be started, as far as is known."""
_EXPLAINED = (WorkloadState.FAILED, WorkloadState.INTERRUPTED, WorkloadState.PREPARING)
# Narrower, only the 95 % latency has room.
_WIDE = 54
# Narrower, the names of nodes and of types give way.
_ROOMY = 38
# What a figure of a benchmark's own is called on screen.
_EXTRA_LABELS = {"tpmc": "tpmC"}


def panel_lines(view: ViewState, width: int) -> list[Line]:
    """Every benchmark in two lines or three."""
    known = [status for status in view.snapshot.workloads if status.state is not WorkloadState.ABSENT]
    lines: list[Line] = []
    for status in known:
        lines.append(workload_header(view, status, width))
        if status.progress is not None:
            lines += _progress_lines(view, status.progress, width)
        if status.figures:
            lines.append(_totals(status.figures.values()))
        if status.detail and status.state in _EXPLAINED:
            lines.append(((view.glyphs.fit(f"   {status.detail}", width), _tone(status)),))
    if not lines and not view.snapshot.workload_problems:
        return [((" none runs", "muted"),)]
    return [*lines, *problem_lines(view, width)]


def problem_lines(view: ViewState, width: int) -> list[Line]:
    """What could not be asked or read, where benchmarks may run that are not listed."""
    return [
        line
        for problem in view.snapshot.workload_problems
        for line in block(f" {view.glyphs.warning} ", f"not known: {problem}", width, "warn")
    ]


def workload_header(view: ViewState, status: WorkloadStatus, width: int) -> Line:
    """What runs, or is prepared, and for how long."""
    running = status.state is WorkloadState.RUNNING
    request = status.request
    name = request.kind if request.script in (request.kind, "") else f"{request.kind} {_script(request.script)}"
    how = (request.profile or f"{request.threads} thr") if running else str(status.state)
    left = f" {countdown(status.ends_s - view.now_s)} left" if running and status.ends_s else ""
    if len(name) > width - 4 - len(left):
        left = left.removesuffix(" left")
    tone: Tone = "bad" if status.state is WorkloadState.FAILED else "accent"
    sign = view.glyphs.running if running else view.glyphs.stopped
    room = width - 4 - len(left)
    # With little room, how it runs is left out as a whole, and what state it is in is not.
    text = fitting_parts((name, how), " ", room) if running else f"{name} {how}"
    return ((f" {sign} ", tone), (view.glyphs.fit(text or name, room), "plain"), (left, "strong"))


def detail(view: ViewState, status: WorkloadStatus, width: int) -> list[Line]:
    """One benchmark in full: how far it is, and the figures of every node and of every type of transaction."""
    request = status.request
    asked = f"{', '.join(request.nodes)}: {request.profile or f'{request.threads} threads a node'}"
    asked += f", from {', '.join(request.generators)}" if request.generators else ""
    lines = [workload_header(view, status, width), *block("   ", asked, width, "muted")]
    if status.progress is not None:
        lines += _progress_lines(view, status.progress, width)
    if status.detail:
        lines += block("   ", status.detail, width, _tone(status))
    if status.figures:
        lines.append(_columns("node", width))
        lines += [_row(node, each, each.tps, each.errors_per_s, width) for node, each in status.figures.items()]
        lines += _type_lines(status.figures, width)
        lines += _extra_lines(status.figures, width)
    return lines


def _progress_lines(view: ViewState, progress: Progress, width: int) -> list[Line]:
    """A bar, and under it rate and time left; both always there, so that nothing moves."""
    share = f" {progress.share * 100:3.0f}% "
    left = f", {countdown(progress.left_s)} left" if progress.left_s is not None else ""
    rate = f"{figure(progress.per_s, '')} rows/s" if progress.per_s else "starting"
    counted = f"{figure(progress.done, '')}/{figure(progress.total, '')}"
    return [
        ((share, "plain"), (view.glyphs.bar(progress.share, max(4, width - len(share) - 2)), "calm")),
        ((view.glyphs.fit(f"   {counted}, {rate}{left}", width), "muted"),),
    ]


def _totals(figures: Iterable[WorkloadFigures]) -> Line:
    known = list(figures)
    errors = sum(each.errors_per_s for each in known)
    tpmc = sum(each.extra.get("tpmc", 0.0) for each in known)
    first: Span = (f"   {figure(sum(each.tps for each in known), '')} tps", "strong")
    if tpmc:
        first = (f"   {figure(tpmc, '')} tpmC", "strong")
    return (
        first,
        (f"  p95 {figure(_worst(each.p95_ms for each in known), 'ms')}", "plain"),
        (f"  {figure(errors, '')} err/s", "warn" if errors else "muted"),
    )


def _columns(first: str, width: int) -> Line:
    times = " ".join(f"{name:>7}" for name in (("p50", "p95", "p99") if width >= _WIDE else ("p95",)))
    return ((f"{_named(first, width)} {'tps':>6} {times} {'err/s':>6}", "muted"),)


def _named(name: str, width: int) -> str:
    """The first column, which gives way to the figures where there is little room."""
    indent = 3 if width >= _ROOMY else 1
    return " " * indent + fit(name, max(6, min(13, width - indent - 22)))


def _row(name: str, measured: WorkloadFigures | TypeFigures, tps: float, errors_per_s: float, width: int) -> Line:
    latencies = (measured.p50_ms, measured.p95_ms, measured.p99_ms) if width >= _WIDE else (measured.p95_ms,)
    times = " ".join(f"{figure(each, 'ms'):>7}" for each in latencies)
    return (
        (f"{_named(name, width)} {figure(tps, ''):>6} {times} ", "plain"),
        (f"{figure(errors_per_s, ''):>6}", "warn" if errors_per_s else "plain"),
    )


def _type_lines(figures: Mapping[str, WorkloadFigures], width: int) -> list[Line]:
    """Of every type the rates of all nodes together, and the latencies of the node where they are worst."""
    types = list(dict.fromkeys(name for each in figures.values() for name in each.types))
    lines: list[Line] = [BLANK, _columns("type", width)] if types else []
    for name in types:
        known = [each.types[name] for each in figures.values() if name in each.types]
        worst = max(known, key=lambda each: each.p95_ms if math.isfinite(each.p95_ms) else -1.0)
        tps, errors = sum(each.tps for each in known), sum(each.errors_per_s for each in known)
        lines.append(_row(name.replace("_", " "), worst, tps, errors, width))
    return lines


def _extra_lines(figures: Mapping[str, WorkloadFigures], width: int) -> list[Line]:
    names = list(dict.fromkeys(name for each in figures.values() for name in each.extra))
    if not names:
        return []
    sums = {name: sum(each.extra.get(name, 0.0) for each in figures.values()) for name in names}
    return [BLANK, *block("   ", ", ".join(_extra(name, value) for name, value in sums.items()), width, "strong")]


def _extra(name: str, value: float) -> str:
    bare = name.removesuffix("_per_s")
    unit = "" if bare == name else "/s"
    return f"{_EXTRA_LABELS.get(name, bare.replace('_', ' '))} {figure(value, '')}{unit}"


def _worst(values: Iterable[float]) -> float:
    """NaN where nothing finished."""
    return max((each for each in values if math.isfinite(each)), default=math.nan)


def _script(script: str) -> str:
    return script.removeprefix("oltp_")


def _tone(status: WorkloadStatus) -> Tone:
    return "bad" if status.state is WorkloadState.FAILED else "muted"
