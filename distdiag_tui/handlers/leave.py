"""Leaving the console."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from distdiag_tui.console.console import label_of
from distdiag_tui.operations.clear_all import clear_all
from distdiag_tui.operations.inject import still_active
from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.views import clusters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_tui.console.console import Console
    from distdiag_tui.views.clusters import ClusterState

_MOST_LINES = 8


def leave(console: Console) -> None:
    """Quit, unless an experiment runs or something is still injected on an open cluster: then ask what is to be."""
    experiments = [each for each in console.consoles if each.experiment.run and each.experiment.run.goes_on]
    if experiments:
        _ask_about_experiments(console, experiments)
        return
    injected = [each for each in console.consoles if _active(each)]
    if not injected:
        console.shell.terminal.leave(_left(console, cleared=False))
        return

    def answered(answer: str | None) -> None:
        if answer == "leave":
            console.shell.terminal.leave(_left(console, cleared=False))
        elif answer == "clear":
            _clear_and_quit(console, injected)

    lines = [
        f"{label_of(each, injection.anomaly)} on {injection.node}{_of(each)} is {injection.state}."
        for each in injected
        for injection in _active(each)
    ]
    answers = (
        Answer("stay", "Stay"),
        Answer("clear", "Clear all and quit", "primary"),
        Answer("leave", "Quit, leave them to their deadlines", "warning"),
    )
    said = [*lines[:_MOST_LINES], "Left alone, each ends by itself at its deadline."]
    console.push_screen(Question("STILL INJECTED", said, answers), answered)


def _active(console: Console) -> list[Injection]:
    return still_active(console.present.snapshot if console.present else None)


def _left(console: Console, *, cleared: bool) -> list[str]:
    """What goes on without the console, with its cluster."""
    return [
        f"left on {state.name}: {text}"
        for state in console.shell.clusters.states()
        for text in ([] if cleared else clusters.injected(state)) + _loads(state)
    ]


def _loads(state: ClusterState) -> list[str]:
    return [f"{text} `distdiag --cluster {state.name} workload stop --all` ends it." for text in clusters.loads(state)]


def _of(console: Console) -> str:
    """The cluster, where several are open."""
    return f" of {console.name}" if len(console.consoles) > 1 else ""


def _clear_and_quit(console: Console, injected: Sequence[Console]) -> None:
    """End every injection on these clusters, and the console once all of them are gone."""
    waiting = {each.name for each in injected}

    def cleared(name: str) -> None:
        waiting.discard(name)
        if not waiting:
            console.shell.terminal.leave(_left(console, cleared=True))

    for each in injected:
        clear_all(each, then=partial(cleared, each.name))


def _ask_about_experiments(console: Console, running: Sequence[Console]) -> None:
    def answered(answer: str | None) -> None:
        if answer == "leave":
            console.shell.terminal.leave()

    names = [f"The experiment {each.experiment.run.name}{_of(each)} runs." for each in running if each.experiment.run]
    lines = (*names, "Quitting stops its load and clears its anomalies; there is no report.")
    answers = (Answer("stay", "Stay"), Answer("leave", "Cancel it and quit", "warning"))
    console.push_screen(Question("EXPERIMENT", lines, answers), answered)
