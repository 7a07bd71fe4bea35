"""What the actions of the main screen do, each in a few lines; their keys and words are in `keymap`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from distdiag_core import places
from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.errors import ConfigError
from distdiag_core.workloads.control import profiles
from distdiag_tui.messages import ClearingWaits, VerbSucceeded
from distdiag_tui.screens.audit import AuditScreen
from distdiag_tui.screens.events import EventsScreen
from distdiag_tui.screens.help import HelpScreen
from distdiag_tui.screens.injection import InjectionScreen
from distdiag_tui.screens.injections import InjectionsScreen
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.screens.metric import MetricScreen
from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.screens.runs import RunsScreen
from distdiag_tui.screens.workload import WorkloadScreen

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection, Plan
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.app import DistdiagApp

INJECT = "inject"
"""The verb that makes trouble."""
CLEARING = ("clear_all", "clear_and_quit")
"""The verbs that end every injection."""

# A node that is silent for longer ends what is on it by itself, at the deadline.
_TRY_TO_CLEAR_FOR_S = 60.0
_DONE = {
    "relearn": "learning what is normal from now on",
    "stop_workload": "the load is stopped",
}


class Acts:
    """Mixed into the app; methods named `action_` are what the keymap names."""

    def action_inject(self) -> None:
        """Ask what to inject, then do it."""
        self._app.push_screen(InjectionScreen(), self._inject)

    def _inject(self, plan: Plan | None) -> None:
        if plan is not None:
            what = f"{self._label(plan.request.anomaly)} on {', '.join(plan.request.nodes)}"
            self._app.report(f"injecting {what} ...")
            self._app.perform(INJECT, f"injecting {what}", lambda verbs: verbs.injections.inject(plan))

    def action_injections(self) -> None:
        """What is active."""
        self._app.push_screen(InjectionsScreen())

    def action_clear_all(self) -> None:
        """End every injection, from wherever the operator is."""
        self._clear_all("clear_all")

    def _clear_all(self, verb: str) -> None:
        active = still_active(self._app.snapshot)
        known = ", ".join(f"{self._label(each.anomaly)} on {each.node}" for each in active)
        self._app.report(f"clearing everything: {known or 'whatever the nodes have'} ...")
        self._app.show_clearing("clearing all: asking every node ...")

        def tell(why: str) -> None:
            # It is called in the core's thread.
            self._app.post_message(ClearingWaits(f"clearing all: {why}"))

        self._app.perform(
            verb, "clearing everything", lambda verbs: verbs.injections.clear_all(_TRY_TO_CLEAR_FOR_S, tell)
        )

    def action_workload(self) -> None:
        """The benchmarks."""
        try:
            known = profiles.load()
        except ConfigError as error:
            self._app.report(str(error), "error")
        else:
            self._app.push_screen(WorkloadScreen(known))

    def action_stop_workload(self) -> None:
        """Stop the clients of every benchmark."""
        self._app.perform("stop_workload", "stopping all load", lambda verbs: verbs.workloads.stop())

    def action_runs(self) -> None:
        """The runs that there were."""
        self._app.push_screen(RunsScreen())

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

    def action_audit(self) -> None:
        """What was done, by whom."""
        self._app.push_screen(AuditScreen())

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
            self._app.perform("relearn", "relearning", lambda verbs: verbs.diagnosis.reset_baseline())

    def action_take_screenshot(self) -> None:
        """Save what is seen."""
        folder = places.state_dir() / "screenshots"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._app.report(f"saved {self._app.save_screenshot(path=str(folder))}")
        except OSError as error:
            self._app.report(f"the screenshot cannot be saved in {folder}: {error.strerror}", "error")

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
            self._clear_all("clear_and_quit")

    def verb_done(self, done: VerbSucceeded) -> None:
        """The core has done what was asked: say it."""
        verb, result = done.verb, done.result
        if verb == "clear_and_quit" and not any(injection.state is InjectionState.ORPHANED for injection in result):
            self._app.exit()
        elif verb in (INJECT, "clear", "clear_all", "clear_and_quit"):
            self._tell_injections(done)
        elif verb in _DONE:
            self._app.report(_DONE[verb])

    def _tell_injections(self, done: VerbSucceeded) -> None:
        injections: tuple[Injection, ...] = done.result
        if not injections:
            self._app.report("nothing was injected" if done.verb in CLEARING else "nothing to do")
        elif done.verb in CLEARING:
            ended = sum(injection.state is InjectionState.CLEARED for injection in injections)
            self._app.report(f"cleared {ended} of {len(injections)} in {done.lasted_s:.1f} s")
        for injection in injections:
            level: Level = "error" if injection.state is InjectionState.ORPHANED else "info"
            detail = f": {injection.detail}" if injection.detail else ""
            label = self._label(injection.anomaly)
            self._app.report(f"{label} on {injection.node} is {injection.state}{detail}", level)

    def _label(self, anomaly: str) -> str:
        return self._app.verbs.anomalies.label(anomaly)

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
