"""What is being collected, and what the dataset has by now, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import countdown, figure, stopwatch
from distdiag_tui.drawing.lines import Line, Span, block, width_of
from distdiag_tui.views import balance

if TYPE_CHECKING:
    from distdiag_core.collecting.collecting_status import CollectingStatus, NormalStatus, OpenCase
    from distdiag_tui.views.view_state import ViewState

_PARTS = ("before", "anomaly", "after")


def panel_lines(view: ViewState, width: int) -> list[Line]:
    """The dataset at a glance, then what is added to it."""
    known = view.snapshot.collecting
    if known is None:
        where = f"in {view.snapshot.stand_in}" if view.snapshot.stand_in else "here"
        return block(" ", f"nothing collected {where}", width, "muted")
    lines: list[Line] = []
    if known.statistics is None:
        lines.append(((" reading the dataset ...", "muted"),))
    else:
        lines += [
            balance.shares_line(view, known.statistics, width),
            balance.bar_line(view, known.statistics.balance, width),
            *balance.word_lines(view, known.statistics.balance, width),
        ]
    return [*lines, *state_lines(view, known, width), *training_lines(view, width)]


def one_line(view: ViewState, width: int) -> list[Line]:
    """The same where only one row is free."""
    known = view.snapshot.collecting
    if known is None:
        return []
    state: list[Span] = []
    if known.normal.running:
        state.append((f" {view.glyphs.record} normal {stopwatch(known.normal.seconds)}", "accent"))
    if known.open:
        case = known.open[0]
        state.append((f" {view.glyphs.record} {case.part} {_how_far(case)}", "warn"))
    elif known.anomalies:
        state.append((f" {view.glyphs.record} anomalies ON", "accent"))
    head: Span = (" DATA", "muted")
    if known.statistics is None:
        return [(head, *state)]
    room = width - width_of((head, *state))
    return [(head, *balance.one_line(view, known.statistics, room), *state)]


def state_lines(view: ViewState, known: CollectingStatus, width: int) -> list[Line]:
    """Whether normal samples and anomaly cases are collected, and every open case with its three parts."""
    lines = [_normal_line(view, known.normal, width)]
    if known.normal.waiting:
        lines += block("   ", f"waiting: {known.normal.waiting}", width, "warn")
    switch: Span = ("ON", "accent") if known.anomalies else ("off", "muted")
    done = f"  {known.finished_cases} written" if known.finished_cases else ""
    lines.append(((" anomaly cases ", "plain"), switch, (done, "muted")))
    for case in known.open:
        lines += case_lines(view, case, width)
    if known.problem:
        lines += block(f" {view.glyphs.down} ", known.problem, width, "bad")
    return lines


def case_lines(view: ViewState, case: OpenCase, width: int) -> list[Line]:
    """An open case: what it is about, its three parts, and how far the one that goes on is."""
    share = case.done_s / case.needed_s if case.needed_s else 0.0
    lines: list[Line] = [((view.glyphs.fit(f" {_words(view, case)}", width), "warn"),)]
    if case.part == "before":
        lines.append((("   waiting for baseline", "strong"),))
    lines.append(_parts_line(view, case))
    lines.append(((f" {view.glyphs.bar(share, max(4, width - 2))}", "calm"),))
    for word, why in (("not steady yet", case.waiting), ("excluded", case.excluded)):
        if why:
            lines += block(f" {view.glyphs.warning} ", f"{word}: {why}", width, "warn")
    return lines


def held_back(view: ViewState) -> tuple[OpenCase, ...]:
    """The cases whose injections wait for enough of what was before."""
    known = view.snapshot.collecting
    return tuple(case for case in known.open if case.part == "before") if known else ()


def held_lines(view: ViewState, width: int) -> list[Line]:
    """The injections that are confirmed and wait for their baseline, with the time that is left, on two lines each."""
    lines: list[Line] = []
    for case in held_back(view):
        lines.append(((view.glyphs.fit(f" {_words(view, case)}", width), "warn"),))
        lines.append(((f"   waiting for baseline, {countdown(case.needed_s - case.done_s)}", "strong"),))
    return lines


def held_line(view: ViewState, case: OpenCase, width: int) -> Line:
    """One of them, on one line."""
    left = f" waiting for baseline, {countdown(case.needed_s - case.done_s)}"
    return ((view.glyphs.fit(f" {_words(view, case)}", max(8, width - len(left))), "warn"), (left, "strong"))


def training_lines(view: ViewState, width: int) -> list[Line]:
    """How far a training that goes on is."""
    run = view.training
    if run is None or not run.goes_on:
        return []
    said = f" training {run.name} {run.share:4.0%} "
    return [
        (
            (view.glyphs.fit(said, min(width, len(said))), "plain"),
            (view.glyphs.bar(run.share, max(4, width - len(said) - 1)), "calm"),
        )
    ]


def _normal_line(view: ViewState, normal: NormalStatus, width: int) -> Line:
    if not normal.running:
        return ((" normal ", "plain"), ("not collected", "muted"))
    counted = f" {figure(normal.samples, '')} samples"
    return (
        (f" {view.glyphs.record} ", "accent"),
        (f"REC normal {stopwatch(normal.seconds)}", "strong"),
        (view.glyphs.fit(counted, max(0, width - 22)), "muted"),
    )


def _parts_line(view: ViewState, case: OpenCase) -> Line:
    at = _PARTS.index(case.part)
    before: list[Span] = [(f" {view.glyphs.good}{part}", "good") for part in _PARTS[:at]]
    after: list[Span] = [(f" {view.glyphs.dot}{part}", "muted") for part in _PARTS[at + 1 :]]
    return (*before, (f" {view.glyphs.running}{case.part} {_how_far(case)}", "strong"), *after)


def _words(view: ViewState, case: OpenCase) -> str:
    named = (each.partition(" on ") for each in case.injections)
    return ", ".join(f"{view.anomaly_label(anomaly)}{on}{node}" for anomaly, on, node in named)


def _how_far(case: OpenCase) -> str:
    return f"{case.done_s:.0f}/{case.needed_s:.0f} s"
