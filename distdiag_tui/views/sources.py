"""The sources of a cluster as lines: which are read, what they answer, and how old the figures of the past are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import clock, day_and_clock, figure
from distdiag_tui.drawing.lines import BLANK, Line, Tone, block

if TYPE_CHECKING:
    from distdiag_core.operations.backfill_reader import BackfillStatus, NodeBackfill
    from distdiag_core.runtime.live_sources import SourceStatus
    from distdiag_tui.views.view_state import ViewState

_NAME, _STATE, _COUNT = 14, 5, 9
_NOT_KEPT = "A source that is switched off accuses no node, and is read again from the next start on."


def above(width: int) -> list[Line]:
    """What switching does."""
    return [*block(" ", _NOT_KEPT, width, "muted"), BLANK]


def header() -> Line:
    """The column headings."""
    return ((f"   {'source':<{_NAME}} {'read':<{_STATE}} {'metrics':>{_COUNT}}  now", "muted"),)


def row(view: ViewState, source: SourceStatus, width: int) -> Line:
    """One source on one line."""
    said, tone = state_of(view, source)
    mark = view.glyphs.warning if tone in ("warn", "bad") else " "
    count = str(source.metrics) if source.backfill is None else "-"
    fit = view.glyphs.fit
    return (
        (f" {mark} ", tone),
        (f"{fit(source.name, _NAME)} ", "strong" if source.on else "muted"),
        (f"{'on' if source.on else 'off':<{_STATE}} ", "good" if source.on else "muted"),
        (f"{count:>{_COUNT}}  ", "muted"),
        (fit(said, max(0, width - _NAME - _STATE - _COUNT - 7)), tone),
    )


def state_of(view: ViewState, source: SourceStatus) -> tuple[str, Tone]:
    """What a source has at this tick, in words."""
    if not source.on:
        return "switched off", "muted"
    if source.backfill is not None:
        return _backfill(source.backfill, view.wall_s(view.snapshot.frame.time_s))
    nodes = len(view.snapshot.nodes)
    failing = sum(name == source.name for _, name in view.snapshot.troubles)
    answers = f"answers on {nodes - failing} of {nodes} nodes"
    return answers, "bad" if failing == nodes else "warn" if failing else "plain"


def detail(view: ViewState, source: SourceStatus, width: int) -> list[Line]:
    """What it is, which nodes it fails on and why; of the past, what each node has and how old it is."""
    lines = [*block(" ", f"{source.name}: {source.summary}", width, "strong"), BLANK]
    for (node, name), why in view.snapshot.troubles.items():
        if name == source.name:
            lines += block(f" {node}  ", why, width, "warn")
    if source.backfill is not None:
        lines += _backfill_lines(view, source.backfill, width)
    return lines


def _backfill(backfill: BackfillStatus, now_s: float) -> tuple[str, Tone]:
    if backfill.problem:
        return backfill.problem, "warn"
    if backfill.read_s is None:
        return "not read yet", "muted"
    ages_s = [age_s for each in backfill.nodes.values() if (age_s := each.age_s(now_s)) is not None]
    if not ages_s:
        return "no node has a history", "warn"
    newest, oldest = _minutes(min(ages_s)), _minutes(max(ages_s))
    old = newest if newest == oldest else f"{newest} to {oldest}"
    return f"{old} old, of {len(ages_s)} of {len(backfill.nodes)} nodes", "plain"


def _backfill_lines(view: ViewState, backfill: BackfillStatus, width: int) -> list[Line]:
    now_s = view.wall_s(view.snapshot.frame.time_s)
    read = f"read {clock(backfill.read_s)}" if backfill.read_s is not None else "not read yet"
    due = f"the next reading at {clock(backfill.due_s)}, every {backfill.every_s / 60:.0f} min"
    kept = (
        "" if backfill.added is None else f"; the last one added {backfill.added} figures to the recording, as backfill"
    )
    lines = block(" ", f"{read}; {due}{kept}", width)
    if backfill.problem:
        lines += block(f" {view.glyphs.warning} ", backfill.problem, width, "warn")
    for node, each in backfill.nodes.items():
        lines += [BLANK, *_node_lines(view, node, each, now_s, width)]
    return lines


def _node_lines(view: ViewState, node: str, backfill: NodeBackfill, now_s: float, width: int) -> list[Line]:
    age_s = backfill.age_s(now_s)
    if age_s is None:
        lines = block(f" {node}  ", "no figures", width, "warn")
    else:
        said = f"{backfill.rows} rows, one every {backfill.period_s:.0f} s; the newest is {_minutes(age_s)} old"
        lines = block(f" {node}  ", said, width, "strong")
    for note in backfill.notes:
        lines += block("     ", note, width, "muted")
    for metric in view.snapshot.catalogue.metrics:
        if (found := backfill.newest.get(metric.name)) is not None:
            said = f"     {metric.label:<28} {figure(found.value, metric.unit):>8}   "
            lines.append(((said, "plain"), (day_and_clock(found.time_s), "muted")))
    return lines


def _minutes(age_s: float) -> str:
    return f"{age_s / 60:.0f} min"
