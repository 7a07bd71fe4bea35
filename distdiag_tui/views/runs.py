"""The runs that there were, and two of them side by side, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import clock, countdown, day_and_clock, figure
from distdiag_tui.drawing.lines import BLANK, Line, Span, Tone, block

if TYPE_CHECKING:
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.workloads.clients.run_log import PastRun
    from distdiag_core.workloads.clients.run_totals import RunTotals
    from distdiag_core.workloads.control.run_comparison import Comparison, Difference
    from distdiag_tui.views.view_state import ViewState

# Small differences are noise on most machines.
_NOTABLE_PERCENT = 10.0
# Narrower, the errors are in the run under the list alone.
_WIDE = 100


def header(width: int) -> Line:
    """The column headings."""
    errors, injected = (f" {'err/s':>6}", "injected meanwhile") if width >= _WIDE else ("", "injected")
    name = f"{'workload':<{_name_cells(width)}}"
    return ((f"      {'began':<14}  {name} {'lasted':>8} {'tps':>7} {'p95':>8}{errors}  {injected}", "muted"),)


def row(view: ViewState, past: RunWithInjections, width: int, *, marked: bool) -> Line:
    """One run on one line: of all its nodes together, p95 of the node where it was worst."""
    run = past.run
    totals = totals_of(run)
    p95 = worst_p95(totals)
    tps = figure(sum(each.tps for each in totals), "") if totals else "-"
    errors = sum(each.errors_per_s for each in totals)
    name = _name_cells(width)
    errors_span: Span = (f" {figure(errors, '') if totals else '-':>6}", "warn" if errors else "muted")
    return (
        (" [x] " if marked else " [ ] ", "accent" if marked else "muted"),
        (f" {day_and_clock(run.began_s)}  ", "muted"),
        (f"{view.glyphs.fit(workload_name(run), name)} {_lasted(run):>8} ", "strong" if marked else "plain"),
        (f"{tps:>7} {_value(p95, 'ms'):>8}", "plain"),
        *((errors_span,) if width >= _WIDE else ()),
        ("  ", "plain"),
        (
            view.glyphs.fit(injected_words(view, past) or "nothing", max(0, width - (81 if width >= _WIDE else 66))),
            "muted",
        ),
    )


def _name_cells(width: int) -> int:
    return 24 if width >= _WIDE else 16


def detail(view: ViewState, past: RunWithInjections, width: int) -> list[Line]:
    """Every node of a run, and what was injected while it went on."""
    run, request = past.run, past.run.request
    load = request.profile or f"{request.threads} threads a node, {f'{request.rate}/s' if request.rate else 'no limit'}"
    lines: list[Line] = [
        ((f" {run.id}  ", "muted"), (workload_name(run), "strong"), (f"  {load}", "plain")),
        *block(" ", f"ended because {run.why}" if run.ended_s is not None else "goes on", width, "muted"),
        ((f"   {'node':<13} {'tps':>7} {'qps':>7} {'p50':>8} {'p95':>8} {'p99':>8} {'err/s':>6}", "muted"),),
    ]
    # The nodes of a run that goes on are known in the order of their first reports.
    for name in sorted(run.nodes, key=[*request.nodes, *run.nodes].index):
        node = run.nodes[name]
        said = _totals_row(node.totals) if node.totals else f"  {node.why or 'goes on'}"
        lines.append(((f"   {view.glyphs.fit(name, 13)}", "plain"), (said, "plain")))
    for injection in past.injections:
        span = f"{clock(injection.began_s)} to {clock(injection.ended_s)}"
        said = f"{view.anomaly_label(injection.anomaly)} {injection.severity} on {injection.node}, {span}"
        lines += block(f" {view.glyphs.warning} ", said, width, "warn")
    return lines


def comparison_lines(
    view: ViewState, found: Comparison, pasts: tuple[RunWithInjections, RunWithInjections], width: int
) -> list[Line]:
    """What is not alike first, then what was injected, then every figure by node."""
    lines: list[Line] = []
    for name, past in zip(("before", "after"), pasts, strict=True):
        run, injected = past.run, injected_words(view, past) or "nothing injected"
        when = f"{day_and_clock(run.began_s)}, {_lasted(run)}"
        said = f"{run.id}  {workload_name(run)}  {when}  {view.glyphs.dot} {injected}"
        lines += block(f"{name:<8}", said, width, "strong")
    for unlike in found.unlike:
        lines += block(f"{view.glyphs.warning} ", f"not alike, so that they hardly compare: {unlike}", width, "warn")
    for node in dict.fromkeys(each.node for each in found.differences):
        lines += [BLANK, ((f"{view.glyphs.fit(node, 26)}", "accent"), _COLUMNS)]
        lines += [_difference_line(view, each) for each in found.differences if each.node == node]
    if not found.differences:
        lines += [BLANK, (("they share no node, so that there is nothing to compare", "muted"),)]
    return lines


_COLUMNS: tuple[str, Tone] = (f"{'before':>10} {'after':>10} {'change':>10} {'%':>8}", "muted")


def _difference_line(view: ViewState, each: Difference) -> Line:
    name, unit = _figure_words(each.figure)
    change = "-" if each.change is None else f"{'+' if each.change > 0 else ''}{_value(each.change, unit)}"
    percent = "-" if each.percent is None else f"{each.percent:+.1f}"
    notable = each.percent is not None and abs(each.percent) >= _NOTABLE_PERCENT
    return (
        (f"  {view.glyphs.fit(name, 24)}", "plain"),
        (f"{_value(each.before, unit):>10} {_value(each.after, unit):>10} ", "plain"),
        (f"{change:>10} {percent:>8}", "warn" if notable else "muted"),
    )


def _figure_words(name: str) -> tuple[str, str]:
    """A figure as on screen, and its unit: `p95_ms` is p95 in ms."""
    words = {"tpmc": "tpmC", "errors_per_s": "errors/s"}
    if name.endswith("_ms"):
        return name.removesuffix("_ms").replace("_", " "), "ms"
    return words.get(name, name.replace("_", " ")), ""


def _value(value: float | None, unit: str) -> str:
    return "-" if value is None else figure(value, unit)


def _totals_row(totals: RunTotals) -> str:
    times = " ".join(f"{_value(each, 'ms'):>8}" for each in (totals.p50_ms, totals.p95_ms, totals.p99_ms))
    extra = "".join(f"  {_figure_words(name)[0]} {figure(value, '')}" for name, value in totals.extra.items())
    return (
        f" {figure(totals.tps, ''):>7} {figure(totals.qps, ''):>7} {times} {figure(totals.errors_per_s, ''):>6}{extra}"
    )


def totals_of(run: PastRun) -> list[RunTotals]:
    """The totals of the nodes that have any."""
    return [node.totals for node in run.nodes.values() if node.totals is not None]


def worst_p95(totals: list[RunTotals]) -> float | None:
    """The 95 % latency of the node where it was worst, in ms; None where no node knows its own."""
    return max((each.p95_ms for each in totals if each.p95_ms is not None), default=None)


def workload_name(run: PastRun) -> str:
    """The benchmark of a run, with its script where that says more."""
    request = run.request
    return request.kind if request.script in ("", request.kind) else f"{request.kind} {request.script}"


def _lasted(run: PastRun) -> str:
    return "goes on" if run.ended_s is None else countdown(run.ended_s - run.began_s)


def injected_words(view: ViewState, past: RunWithInjections) -> str:
    """What was injected while a run went on; empty for nothing."""
    found = (f"{view.anomaly_label(each.anomaly)} {each.severity} on {each.node}" for each in past.injections)
    return ", ".join(dict.fromkeys(found))
