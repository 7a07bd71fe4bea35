"""A plan in words: what will run where, how it is undone, and when it ends by itself."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from distdiag_tui.figures import clock, countdown
from distdiag_tui.lines import BLANK, Line, Tone, clean

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Plan
    from distdiag_tui.glyphs import Glyphs


def plan_lines(plan: Plan, now_s: float, width: int, glyphs: Glyphs) -> list[Line]:
    """Everything that the operator agrees to, nothing left out."""
    request = plan.request
    lines: list[Line] = [
        ((f"{request.anomaly}, {request.severity}", "warn"), (f" on {', '.join(request.nodes)}", "strong")),
        *_block(
            "",
            f"for {countdown(request.duration_s)}, until {clock(now_s + request.duration_s)} when confirmed now; "
            "then each node undoes it by itself",
            width,
            "plain",
        ),
    ]
    for warning in plan.warnings:
        lines += _block(f"{glyphs.warning} ", warning, width, "warn")
    for step in plan.steps:
        lines += [BLANK, ((step.node, "strong"), (f"  by {step.way}", "muted"))]
        if step.files:
            lines += _block("  send  ", ", ".join(step.files), width, "muted")
        for at, command in enumerate(step.commands, 1):
            label = "  hold  " if step.lasts and at == len(step.commands) else "  run   "
            lines += _block(label, command, width, "plain")
        for label, commands in (("  check ", step.check), ("  undo  ", step.undo), ("  gone? ", step.gone)):
            for command in commands:
                lines += _block(label, command, width, "muted")
    return lines


def _block(label: str, text: str, width: int, tone: Tone) -> list[Line]:
    """A label and a text that goes on under itself; no character of a command is lost."""
    room = max(16, width - len(label) - 1)
    wrapped = [
        piece
        for line in text.splitlines() or [""]
        for piece in textwrap.wrap(clean(line), room, break_on_hyphens=False, drop_whitespace=False) or [""]
    ]
    return [((label if at == 0 else " " * len(label), "muted"), (piece, tone)) for at, piece in enumerate(wrapped)]
