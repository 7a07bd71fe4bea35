"""An experiment of the console: its plan as lines, its steps while it runs, and its report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import countdown
from distdiag_tui.drawing.lines import BLANK, Line, block
from distdiag_tui.views import compound, experiments
from distdiag_tui.views.task_run import TaskRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.anomalies.compound import CompoundPlan
    from distdiag_core.experiments.experiment import ExperimentPlan, ExperimentResult
    from distdiag_tui.views.view_state import ViewState

# Of the steps so many are shown.
_SHOWN = 12
_MINUTES_FROM_S = 120.0


@dataclass(frozen=True, slots=True)
class ExperimentRun(TaskRun):
    """An experiment from its start to its end.

    Attributes:
        steps: what it did and when; of steps of one kind in a row, the last.
        result: None until it has ended, or where it failed.
    """

    name: str
    began_s: float
    steps: tuple[tuple[float, str], ...] = ()
    result: ExperimentResult | None = None

    def with_step(self, time_s: float, text: str) -> ExperimentRun:
        """With one more step; a wait that goes on for another reason is one step."""
        kept = self.steps[:-1] if self.steps and _waits(self.steps[-1][1]) and _waits(text) else self.steps
        return replace(self, steps=(*kept, (time_s, text)))


def plan_lines(
    view: ViewState, plan: ExperimentPlan, anomalies: CompoundPlan, width: int, *, explained: bool
) -> list[Line]:
    """All steps in their order, with the commands of the anomalies."""
    lines: list[Line] = []
    for number, (step, why) in enumerate(_steps(plan), 1):
        lines += block(f"{number} ", step, width, "strong")
        if explained:
            lines += block("  ", why, width, "muted")
        if step.startswith("inject"):
            lines += [BLANK, *compound.compound_plan_lines(view, anomalies, width), BLANK]
    return lines


def run_lines(view: ViewState, run: ExperimentRun, width: int) -> list[Line]:
    """The steps, planned against real while the anomalies go on, and at the end the report."""
    lines = [
        line
        for time_s, text in run.steps[-_SHOWN:]
        for line in block(f" +{countdown(time_s - run.began_s):>5}  ", text, width, "plain")
    ]
    if run.goes_on:
        state = "cancelled: stopping the load and clearing its anomalies ..." if run.called_off else "running ..."
        lines.append(((f" {state}", "accent"),))
        act = view.snapshot.compound
        if act is not None and (act.began_s or 0.0) >= run.began_s:
            lines += [BLANK, *compound.act_lines(view, act, width)]
    elif run.result is not None:
        lines += [BLANK, ((" REPORT", "accent"),), *experiments.detail(run.result, width)]
    else:
        lines += [BLANK, *block(" no report: ", run.failure, width, "bad")]
    return lines


def _steps(plan: ExperimentPlan) -> Iterator[tuple[str, str]]:
    inject = f"inject {plan.request.name}".rstrip()
    yield (
        f"prepare the tables of {plan.load.kind} where they are missing",
        "The benchmark needs rows of its own; other tables are left alone.",
    )
    yield (
        f"stop any load, start {plan.load_text}",
        "Clients on every node, so that there is a throughput that can fall.",
    )
    yield (
        "wait until nothing is injected and the load is stable",
        "Figures are compared with a calm state; without one there is no comparison.",
    )
    yield (f"before: {_length(plan.before_s)} of stable load", "The level that percentages are against.")
    yield (
        f"{inject}, and wait up to {_length(plan.request.length_s)} for the end",
        "Each anomaly ends at its deadline by itself, even where this console is gone.",
    )
    yield (f"after: {_length(plan.after_s)} without anomalies", "Whether the cluster recovers.")
    yield (
        "stop the load, clear what is left, write the report",
        "What each anomaly cost, in transactions a second and latency; kept under its name.",
    )


def _length(seconds: float) -> str:
    """In seconds where these are few."""
    return f"{seconds:.0f} s" if seconds < _MINUTES_FROM_S else countdown(seconds)


def _waits(step: str) -> bool:
    return step.startswith("waiting")
