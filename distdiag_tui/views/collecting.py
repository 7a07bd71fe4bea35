"""What is being collected, and what the dataset has by now, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import countdown, figure, stopwatch
from distdiag_tui.drawing.lines import Line, Span, block, width_of
from distdiag_tui.views import balance

if TYPE_CHECKING:
    from distdiag_core.collecting.collecting_status import CollectingStatus, NormalStatus, OpenCase
    from distdiag_tui.views.view_state import Scene

_PARTS = ("before", "anomaly", "after")


def panel_lines(scene: Scene, width: int) -> list[Line]:
    """The dataset at a glance, then what is added to it."""
    known = scene.snapshot.collecting
    if known is None:
        return [((" nothing can be collected here", "muted"),)]
    lines: list[Line] = []
    if known.statistics is None:
        lines.append(((" reading the dataset ...", "muted"),))
    else:
        lines += [
            balance.shares_line(scene, known.statistics, width),
            balance.bar_line(scene, known.statistics.balance, width),
            *balance.word_lines(scene, known.statistics.balance, width),
        ]
    return [*lines, *state_lines(scene, known, width), *training_lines(scene, width)]


def one_line(scene: Scene, width: int) -> list[Line]:
    """The same where only one row is free."""
    known = scene.snapshot.collecting
    if known is None:
        return []
    state: list[Span] = []
    if known.normal.running:
        state.append((f" {scene.glyphs.record} normal {stopwatch(known.normal.seconds)}", "accent"))
    if known.open:
        case = known.open[0]
        state.append((f" {scene.glyphs.record} {case.part} {_how_far(case)}", "warn"))
    elif known.anomalies:
        state.append((f" {scene.glyphs.record} anomalies ON", "accent"))
    head: Span = (" DATA", "muted")
    if known.statistics is None:
        return [(head, *state)]
    room = width - width_of((head, *state))
    return [(head, *balance.one_line(scene, known.statistics, room), *state)]


def state_lines(scene: Scene, known: CollectingStatus, width: int) -> list[Line]:
    """Whether normal samples and anomaly cases are collected, and every open case with its three parts."""
    lines = [_normal_line(scene, known.normal, width)]
    if known.normal.waiting:
        lines += block("   ", f"waiting: {known.normal.waiting}", width, "warn")
    switch: Span = ("ON", "accent") if known.anomalies else ("off", "muted")
    done = f"  {known.finished} written" if known.finished else ""
    lines.append(((" anomaly cases ", "plain"), switch, (done, "muted")))
    for case in known.open:
        lines += case_lines(scene, case, width)
    if known.problem:
        lines += block(f" {scene.glyphs.down} ", known.problem, width, "bad")
    return lines


def case_lines(scene: Scene, case: OpenCase, width: int) -> list[Line]:
    """An open case: what it is about, its three parts, and how far the one that goes on is."""
    held = "  held back" if case.part == "before" else ""
    share = case.done_s / case.needed_s if case.needed_s else 0.0
    lines: list[Line] = [
        ((scene.glyphs.fit(f" {_words(scene, case)}", width - len(held)), "warn"), (held, "strong")),
        _parts_line(scene, case),
        ((f" {scene.glyphs.bar(share, max(4, width - 2))}", "calm"),),
    ]
    for word, why in (("not calm yet", case.waiting), ("excluded", case.excluded)):
        if why:
            lines += block(f" {scene.glyphs.warning} ", f"{word}: {why}", width, "warn")
    return lines


def held_back(scene: Scene) -> tuple[OpenCase, ...]:
    """The cases whose injections wait for enough of what was before."""
    known = scene.snapshot.collecting
    return tuple(case for case in known.open if case.part == "before") if known else ()


def held_lines(scene: Scene, width: int) -> list[Line]:
    """What was confirmed and has not begun, with what is left to wait."""
    return [held_line(scene, case, width) for case in held_back(scene)]


def held_line(scene: Scene, case: OpenCase, width: int) -> Line:
    """One of them."""
    left = f" held back, {countdown(case.needed_s - case.done_s)}"
    return ((scene.glyphs.fit(f" {_words(scene, case)}", max(8, width - len(left))), "warn"), (left, "strong"))


def training_lines(scene: Scene, width: int) -> list[Line]:
    """How far a training that goes on is."""
    run = scene.training
    if run is None or not run.goes_on:
        return []
    said = f" training {run.name} {run.share:4.0%} "
    return [
        (
            (scene.glyphs.fit(said, min(width, len(said))), "plain"),
            (scene.glyphs.bar(run.share, max(4, width - len(said) - 1)), "calm"),
        )
    ]


def _normal_line(scene: Scene, normal: NormalStatus, width: int) -> Line:
    if not normal.running:
        return ((" normal ", "plain"), ("not collected", "muted"))
    counted = f" {figure(normal.samples, '')} samples"
    return (
        (f" {scene.glyphs.record} ", "accent"),
        (f"REC normal {stopwatch(normal.seconds)}", "strong"),
        (scene.glyphs.fit(counted, max(0, width - 22)), "muted"),
    )


def _parts_line(scene: Scene, case: OpenCase) -> Line:
    at = _PARTS.index(case.part)
    before: list[Span] = [(f" {scene.glyphs.good}{part}", "good") for part in _PARTS[:at]]
    after: list[Span] = [(f" {scene.glyphs.dot}{part}", "muted") for part in _PARTS[at + 1 :]]
    return (*before, (f" {scene.glyphs.running}{case.part} {_how_far(case)}", "strong"), *after)


def _words(scene: Scene, case: OpenCase) -> str:
    named = (each.partition(" on ") for each in case.injections)
    return ", ".join(f"{scene.anomaly_label(anomaly)}{on}{node}" for anomaly, on, node in named)


def _how_far(case: OpenCase) -> str:
    return f"{case.done_s:.0f}/{case.needed_s:.0f} s"
