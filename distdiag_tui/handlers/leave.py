"""Leaving the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.console import label_of
from distdiag_tui.operations.clear_all import clear_all
from distdiag_tui.operations.inject import still_active
from distdiag_tui.screens.question import Answer, Question

if TYPE_CHECKING:
    from distdiag_tui.console import Console


def leave(console: Console) -> None:
    """Quit, unless an experiment runs or something is still injected: then ask what is to become of it."""
    run = console.experiment.run
    if run is not None and run.goes_on:
        _ask_about_experiment(console, run.name)
        return
    active = still_active(console.view.snapshot if console.view else None)
    if not active:
        console.exit()
        return

    def answered(answer: str | None) -> None:
        if answer == "leave":
            console.exit()
        elif answer == "clear":
            clear_all(console, then_quit=True)

    lines = [f"{label_of(console, each.anomaly)} on {each.node} is {each.state}." for each in active[:8]]
    answers = (
        Answer("stay", "Stay"),
        Answer("clear", "Clear all and quit", "primary"),
        Answer("leave", "Quit, leave them to their deadlines", "warning"),
    )
    question = Question("STILL INJECTED", [*lines, "Left alone, each ends by itself at its deadline."], answers)
    console.push_screen(question, answered)


def _ask_about_experiment(console: Console, name: str) -> None:
    def answered(answer: str | None) -> None:
        if answer == "leave":
            console.exit()

    lines = (f"The experiment {name} runs.", "Quitting stops its load and clears its anomalies; there is no report.")
    answers = (Answer("stay", "Stay"), Answer("leave", "Cancel it and quit", "warning"))
    console.push_screen(Question("EXPERIMENT", lines, answers), answered)
