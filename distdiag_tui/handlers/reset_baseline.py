"""Resetting the baseline, after a confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.question import Answer, Question

if TYPE_CHECKING:
    from distdiag_tui.console.console import Console


def reset_baseline(console: Console) -> None:
    """Forget the past; asked first, since an anomaly that goes on would become normal."""

    def answered(answer: str | None) -> None:
        if answer == "reset":
            operation = Operation[Any](
                "reset baseline",
                "resetting the baseline",
                lambda _: console.report("a new baseline is taken from now on"),
            )
            console.perform(operation, lambda runtime: runtime.diagnosis.reset_baseline())

    lines = (
        "From now on, what is seen is taken as the normal state of every node.",
        "An anomaly that goes on right now would no longer be noticed.",
    )
    answers = (Answer("stay", "Keep what is known"), Answer("reset", "Reset", "primary"))
    console.push_screen(Question("RESET BASELINE", lines, answers), answered)
