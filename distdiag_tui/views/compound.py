"""A compound injection as lines: as requested, and while it goes on, planned against what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.operations.compound_injection import PartState
from distdiag_tui.drawing.format import countdown
from distdiag_tui.drawing.lines import BLANK, Line, Tone, block
from distdiag_tui.views.injection_plan import plan_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.anomalies.compound import CompoundPart, CompoundPlan
    from distdiag_core.operations.compound_injection import CompoundStatus, PartStatus
    from distdiag_tui.views.view_state import ViewState

_WIDE = 90
# A width at which no command is wrapped.
_UNWRAPPED = 100_000
_TONES: dict[PartState, Tone] = {
    PartState.PLANNED: "muted",
    PartState.STARTING: "warn",
    PartState.ACTIVE: "warn",
    PartState.ENDED: "calm",
    PartState.FAILED: "bad",
    PartState.CALLED_OFF: "muted",
}


def part_line(view: ViewState, part: CompoundPart) -> Line:
    """One anomaly as requested: when, what, where and for how long."""
    request = part.request
    return (
        (f" +{countdown(part.offset_s)} ", "muted"),
        (f"{view.anomaly_label(request.anomaly)}, {request.severity}", "warn"),
        (f" on {', '.join(request.nodes)}", "strong"),
        (f" for {countdown(request.duration_s)}", "plain"),
    )


def compound_plan_lines(view: ViewState, plan: CompoundPlan, width: int) -> list[Line]:
    """All that will run: of several anomalies first what begins when, then each with its commands."""
    if len(plan.plans) == 1 and not plan.request.parts[0].offset_s:
        return plan_lines(view, plan.plans[0], width)
    lines: list[Line] = [
        ((f"one act of {len(plan.plans)}; where a rule refuses one, none begins:", "accent"),),
        *(part_line(view, part) for part in plan.request.parts),
    ]
    for part, each in zip(plan.request.parts, plan.plans, strict=True):
        lines += [BLANK, *plan_lines(view, each, width, offset_s=part.offset_s)]
    return lines


def plan_text(view: ViewState, plan: CompoundPlan) -> str:
    """All that will run, to be copied: no command is wrapped."""
    lines = compound_plan_lines(view, plan, _UNWRAPPED)
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def added_lines(view: ViewState, parts: Sequence[CompoundPart]) -> list[Line]:
    """The anomalies that were added to the one of the form."""
    return [((f"{len(parts)} added, of one act:", "accent"),), *(part_line(view, part) for part in parts), BLANK]


def unlisted(view: ViewState) -> tuple[PartStatus, ...]:
    """The parts of the act that goes on which no node lists: to come, on their way, ended or failed."""
    act = view.snapshot.compound
    if act is None or act.is_over:
        return ()
    listed = {injection.id for injection in view.snapshot.injections}
    return tuple(part for part in act.parts if part.id not in listed)


def part_row(view: ViewState, part: PartStatus, width: int) -> Line:
    """Such a part on one line of the list of injections."""
    act = view.snapshot.compound
    began_s = act.began_s if act is not None else None
    due_s = None if began_s is None or part.state is not PartState.PLANNED else began_s + part.offset_s
    left = "" if due_s is None else f"in {countdown(due_s - view.now_s)}"
    tone: Tone = "bad" if part.problem else "muted"
    said = part.problem or f"planned +{countdown(part.offset_s)} for {countdown(part.duration_s)}"
    return (
        ("   ", "plain"),
        (f"{view.glyphs.fit(part.node, 12)} {view.glyphs.fit(view.anomaly_label(part.anomaly), 18)} ", "plain"),
        (f"{part.severity:<9} ", "plain"),
        (f"{part.state:<10} ", _TONES[part.state]),
        (f"{left:>8} ", "muted"),
        *((((" " * 12) + view.glyphs.fit(said, width - 75), tone),) if has_remarks(width) else ()),
    )


def has_remarks(width: int) -> bool:
    """Whether the list of injections has room for what is known about each; it is under the list anyway."""
    return width >= _WIDE


def act_lines(view: ViewState, act: CompoundStatus, width: int, *, marked: str = "") -> list[Line]:
    """Planned against real, a line a part; the times count from the begin of the act."""
    title = f" planned against real{f': {act.name}' if act.name else ''}"
    heads = f"   {'node':<8} {'anomaly':<18} {'planned':<14} {'begun':>7} {'proved':>7} {'ended':>7}  state"
    lines: list[Line] = [((title, "accent"),), ((heads, "muted"),)]
    for part in act.parts:
        times = " ".join(f"{_since(act, each):>7}" for each in (part.begun_s, part.proved_s, part.ended_s))
        planned = f"+{countdown(part.offset_s)} {countdown(part.duration_s)}"
        name = f"{view.glyphs.fit(part.node, 8)} {view.glyphs.fit(view.anomaly_label(part.anomaly), 18)}"
        lines.append(
            (
                (" > " if part.id == marked else "   ", "accent"),
                (f"{name} {planned:<14} {times}  ", "plain"),
                (part.state.value, _TONES[part.state]),
            )
        )
        if part.problem:
            lines += block("     ", part.problem, width, "bad")
    return lines


def _since(act: CompoundStatus, time_s: float | None) -> str:
    if act.began_s is None or time_s is None:
        return "-"
    # To the tenth: an offset is kept to that, and a second would hide it.
    minutes, seconds = divmod(max(0.0, time_s - act.began_s), 60)
    return f"{minutes:.0f}:{seconds:04.1f}"
