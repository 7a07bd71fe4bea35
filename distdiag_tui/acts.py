"""What the acts of the main screen do, each in a few lines; their keys and words are in `keymap`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from distdiag_core import places
from distdiag_core.anomalies.injection import InjectionState
from distdiag_tui.screens.events import EventsScreen
from distdiag_tui.screens.help import HelpScreen
from distdiag_tui.screens.injection import InjectionScreen
from distdiag_tui.screens.injections import InjectionsScreen
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.screens.metric import MetricScreen
from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.screens.workload import WorkloadScreen

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection, Plan
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.recording.events import Level
    from distdiag_core.snapshot import Snapshot
    from distdiag_tui.app import DistdiagApp

_DONE = {
    "relearn": "learning what is normal from now on",
    "stop_workload": "the workload is stopped",
}


class Acts:
    """Mixed into the app; methods named `action_` are what the keymap names."""

    def action_inject(self) -> None:
        """Ask what to inject, then do it."""
        self._app.push_screen(InjectionScreen(), self._inject)

    def _inject(self, plan: Plan | None) -> None:
        if plan is not None:
            what = f"{self._label(plan.request.anomaly)} on {', '.join(plan.request.nodes)}"
            self._app.tell(f"injecting {what} ...")
            self._app.perform("inject", f"injecting {what}", lambda verbs: verbs.inject(plan))

    def action_injections(self) -> None:
        """What is active."""
        self._app.push_screen(InjectionsScreen())

    def action_clear_all(self) -> None:
        """End every injection, from wherever the operator is."""
        self._app.tell("clearing everything ...")
        self._app.perform("clear_all", "clearing everything", lambda verbs: verbs.clear_all())

    def action_workload(self) -> None:
        """The benchmark."""
        self._app.push_screen(WorkloadScreen())

    def action_stop_workload(self) -> None:
        """Stop the benchmark's clients."""
        self._app.perform("stop_workload", "stopping the workload", lambda verbs: verbs.stop_workload())

    def action_metric(self) -> None:
        """Choose what the chart shows."""
        self._app.push_screen(MetricScreen(), self._pick_metric)

    def _pick_metric(self, metric: Metric | None) -> None:
        if metric is not None:
            self._main.pick_metric(metric)

    def action_events(self) -> None:
        """All that happened; alarms end when they are looked at."""
        self._app.see_alarms()
        self._app.push_screen(EventsScreen())

    def action_span(self, by: int) -> None:
        """A longer or a shorter chart."""
        self._main.change_span(by)

    def action_relearn(self) -> None:
        """Forget the past; asked first, since an anomaly that goes on would become normal."""
        lines = (
            "From now on, what is seen is taken as the normal state of every node.",
            "An anomaly that goes on right now would no longer be noticed.",
        )
        answers = (Answer("stay", "Keep what is known"), Answer("relearn", "Relearn", "primary"))
        self._app.push_screen(Question("RELEARN NORMAL", lines, answers), self._relearn)

    def _relearn(self, answer: str | None) -> None:
        if answer == "relearn":
            self._app.perform("relearn", "relearning", lambda verbs: verbs.relearn())

    def action_take_screenshot(self) -> None:
        """Save what is seen."""
        folder = places.state_dir() / "screenshots"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._app.tell(f"saved {self._app.save_screenshot(path=str(folder))}")
        except OSError as error:
            self._app.tell(f"the screenshot cannot be saved in {folder}: {error.strerror}", "error")

    def action_help(self) -> None:
        """All keys."""
        self._app.push_screen(HelpScreen())

    def action_leave(self) -> None:
        """Quit, unless something is still injected: then ask what is to become of it."""
        active = still_active(self._app.snapshot)
        if not active:
            self._app.exit()
            return
        lines = [
            f"{self._label(injection.anomaly)} on {injection.node} is {injection.state}." for injection in active[:8]
        ] + ["Left alone, each ends by itself at its deadline."]
        answers = (
            Answer("stay", "Stay"),
            Answer("clear", "Clear all and quit", "primary"),
            Answer("leave", "Quit, leave them to their deadlines", "warning"),
        )
        self._app.push_screen(Question("STILL INJECTED", lines, answers), self._leave)

    def _leave(self, answer: str | None) -> None:
        if answer == "leave":
            self._app.exit()
        elif answer == "clear":
            self._app.perform("clear_and_quit", "clearing everything", lambda verbs: verbs.clear_all())

    def verb_done(self, verb: str, result: Any) -> None:  # noqa: ANN401
        """The core has done what was asked: say it."""
        if verb == "clear_and_quit" and not any(injection.state is InjectionState.ORPHANED for injection in result):
            self._app.exit()
        elif verb in ("inject", "clear", "clear_all", "clear_and_quit"):
            self._tell_injections(verb, result)
        elif verb in _DONE:
            self._app.tell(_DONE[verb])

    def _tell_injections(self, verb: str, injections: tuple[Injection, ...]) -> None:
        if not injections:
            self._app.tell("nothing was injected" if verb == "clear_all" else "nothing to do")
        for injection in injections:
            level: Level = "error" if injection.state is InjectionState.ORPHANED else "info"
            detail = f": {injection.detail}" if injection.detail else ""
            label = self._label(injection.anomaly)
            self._app.tell(f"{label} on {injection.node} is {injection.state}{detail}", level)

    def _label(self, anomaly: str) -> str:
        known = self._app.verbs.anomalies.get(anomaly)
        return known.label if known else anomaly

    @property
    def _app(self) -> DistdiagApp:
        return cast("DistdiagApp", self)

    @property
    def _main(self) -> MainScreen:
        return next(screen for screen in self._app.screen_stack if isinstance(screen, MainScreen))


def still_active(snapshot: Snapshot | None) -> list[Injection]:
    """The injections that are not over, or not known to be."""
    injections = snapshot.injections if snapshot else ()
    return [injection for injection in injections if injection.state is not InjectionState.CLEARED]
