"""What is about to be done, in words: the anomaly, what is on the nodes already, and all that will run there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.errors import RefusedError
from distdiag_tui.drawing.format import clock, countdown
from distdiag_tui.drawing.lines import BLANK, Line, block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.anomalies.catalogue import Anomaly
    from distdiag_core.anomalies.injection import Plan
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.errors import DistdiagError
    from distdiag_tui.drawing.glyphs import Glyphs
    from distdiag_tui.views.view_state import ViewState


def choice(anomaly: Anomaly, cluster: ClusterSettings, *, heads_group: bool) -> str:
    """An anomaly as a line of the list; the first one of a category names it."""
    off = "" if is_allowed(anomaly, cluster) else "  off"
    return f"{anomaly.category if heads_group else '':<9}{anomaly.label}{off}"


def is_allowed(anomaly: Anomaly, cluster: ClusterSettings) -> bool:
    """False for one that is off by default, and stays so in the cluster file."""
    return not anomaly.off_by_default or anomaly.name in cluster.section(Protection).allow


def asking_lines(nodes: Sequence[str], waited_s: float) -> list[Line]:
    """That nodes are being asked for a plan, and for how long by now."""
    waited = f", for {waited_s:.0f} s by now" if waited_s >= 1 else ""
    return [((f"planning: asking {', '.join(nodes)} what can be done there{waited} ...", "muted"),)]


def about_lines(view: ViewState, anomaly: Anomaly, nodes: Sequence[str], width: int) -> list[Line]:
    """What an anomaly does, whether it is allowed, and what is on the chosen nodes already."""
    where = "chosen nodes" if anomaly.scope == "node" else "the whole cluster"
    dot = f" {view.glyphs.dot} "
    lines: list[Line] = [
        ((anomaly.label, "accent"), (f"{dot}{anomaly.category}{dot}{where}", "muted")),
        *block("", anomaly.what, width),
    ]
    if not is_allowed(anomaly, view.snapshot.cluster):
        said = f"off by default; the key protect.allow of the cluster file allows it: allow: [{anomaly.name}]"
        lines += block(f"{view.glyphs.warning} ", said, width, "warn")
    elif anomaly.cuts_off:
        lines += block(f"{view.glyphs.warning} ", "the other nodes may take its node for lost", width, "warn")
    for injection in view.snapshot.injections:
        if injection.node in nodes:
            label = view.anomaly_label(injection.anomaly)
            said = f"{injection.node} has {label} {injection.severity} already: {view.time_left(injection)}"
            lines += block(f"{view.glyphs.warning} ", said, width, "warn")
    return [*lines, BLANK]


def plan_lines(view: ViewState, plan: Plan, width: int, *, offset_s: float = 0.0) -> list[Line]:
    """Everything that the operator agrees to, nothing left out; it begins `offset_s` after it was confirmed."""
    request = plan.request
    until_s = view.wall_s(view.now_s + offset_s + request.duration_s)
    begin = f"begins {countdown(offset_s)} after the others, " if offset_s else ""
    lines: list[Line] = [
        (
            (f"{view.anomaly_label(request.anomaly)}, {request.severity}", "warn"),
            (f" on {', '.join(request.nodes)}", "strong"),
        ),
        *block(
            "",
            f"{begin}for {countdown(request.duration_s)}, until {clock(until_s)} when confirmed now; "
            "then each node undoes it by itself",
            width,
        ),
    ]
    for warning in plan.warnings:
        lines += block(f"{view.glyphs.warning} ", warning, width, "warn")
    for step in plan.steps:
        lines += [BLANK, ((step.node, "strong"), (f"  by {step.method}", "muted"))]
        if step.files:
            lines += block("  send  ", ", ".join(step.files), width, "muted")
        for at, command in enumerate(step.commands, 1):
            label = "  hold  " if step.lasts and at == len(step.commands) else "  run   "
            lines += block(label, command, width)
        for label, commands in (("  check ", step.check), ("  undo  ", step.undo), ("  gone? ", step.gone)):
            for command in commands:
                lines += block(label, command, width, "muted")
    return lines


def refusal_lines(error: DistdiagError, width: int, glyphs: Glyphs) -> list[Line]:
    """Why there is no plan: the rule and its key first, or where it went wrong; then what, and what to do about it."""
    head = "REFUSED" if isinstance(error, RefusedError) else "NOT POSSIBLE"
    lines: list[Line] = [((f" {glyphs.down} {head} ", "badge"), (f" {error.where}", "strong"))]
    lines += block("", error.what, width, "bad")
    return [*lines, *block("", error.hint, width)] if error.hint else lines
