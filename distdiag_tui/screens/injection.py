"""Make trouble: choose, see exactly what will run, confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest, Plan
from distdiag_core.duration import parse_duration
from distdiag_tui.keymap import bindings
from distdiag_tui.messages import VerbFailed, VerbSucceeded
from distdiag_tui.plans import plan_lines
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.form import ChoiceField, NodesField, TextField
from distdiag_tui.widgets.choices import Checklist
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.picker import Picker

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.anomalies.catalogue import Anomaly
    from distdiag_core.anomalies.injection import Severity
    from distdiag_tui.lines import Line


class Preview(LineView, can_focus=True):
    """What will be done, literally; scrolled by keys."""

    DEFAULT_CSS = "Preview { height: 1fr; }"


class InjectionScreen(Dialog[Plan]):
    """Returns the plan that was confirmed. No node is chosen at first, so that no slip of a key makes trouble."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("form")
    """The acts of scope `form`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__()
        self._plan: Plan | None = None
        self._wanted: InjectionRequest | None = None

    def compose(self) -> ComposeResult:
        """Choices on the left, what they come to on the right."""
        scene = self.console.scene
        assert scene is not None  # noqa: S101 - the act is refused before the first tick
        cluster = scene.snapshot.cluster
        anomalies = self.console.verbs.anomalies.anomalies
        with Vertical(classes="box") as box:
            box.border_title = "INJECT AN ANOMALY"
            with Horizontal(classes="columns"):
                with Vertical(classes="fields"):
                    yield ChoiceField("Anomaly", ((each.name, each.label) for each in anomalies), "anomaly")
                    yield NodesField(scene.snapshot)
                    yield ChoiceField("Severity", ((each, each) for each in SEVERITIES), "severity")
                    yield TextField("Duration", "60s", "duration", placeholder="60s, 2m")
                    if cluster.production:
                        yield TextField("PRODUCTION: type the cluster's name", "", "confirm", placeholder=cluster.name)
                yield Preview(id="preview")
            with Horizontal(classes="buttons"):
                yield Button("Inject", id="inject", variant="warning", compact=True, disabled=True)
                yield Button("Cancel", id="cancel", compact=True)
            yield KeyBar("form", "dialog", "everywhere", keys=self.console.keys)

    def on_mount(self) -> None:
        """Nothing is chosen yet."""
        self.query_one("#anomaly RadioList").focus()
        self.call_after_refresh(self._replan)

    @on(Picker.Moved, "RadioList")
    @on(Checklist.Changed)
    @on(Input.Changed, "#duration Input")
    def _replan(self) -> None:
        """Ask the core what the choices come to; until it answers there is nothing to confirm."""
        self._plan, self._wanted = None, None
        self._allow()
        request = self._request()
        if isinstance(request, str):
            self._say([((request, "muted"),)])
            return
        self._wanted = request
        self.console.perform("plan", "planning", lambda verbs: verbs.plan(request), reply_to=self)

    @on(VerbSucceeded)
    def _planned(self, message: VerbSucceeded) -> None:
        message.stop()
        plan, scene = message.result, self.console.scene
        if not isinstance(plan, Plan) or plan.request != self._wanted or scene is None:
            return
        self._plan = plan
        self._say(plan_lines(plan, scene.now_s, self.query_one(Preview).line_width, scene.glyphs))
        self._allow()

    @on(VerbFailed)
    def _not_planned(self, message: VerbFailed) -> None:
        message.stop()
        self._say([((line, "bad"),) for line in str(message.error).splitlines()])

    @on(Input.Changed, "#confirm Input")
    def _allow(self) -> None:
        """The button works when there is a plan, and on production the name is right."""
        self.query_one("#inject", Button).disabled = self._plan is None or not self._confirmed

    @on(Button.Pressed, "#inject")
    def action_submit(self) -> None:
        """Confirm the plan that is shown."""
        if self._plan is None:
            self.console.tell("there is no plan to confirm yet: choose an anomaly and at least one node", "warning")
        elif not self._confirmed:
            self.console.tell("this is a production cluster: type its name to confirm", "warning")
        else:
            self.dismiss(self._plan)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @property
    def _severity(self) -> Severity:
        chosen = self.query_one("#severity", ChoiceField).value
        return next(each for each in SEVERITIES if each == chosen)

    @property
    def _confirmed(self) -> bool:
        cluster = self.console.verbs.cluster
        return not cluster.production or self.query_one("#confirm", TextField).value == cluster.name

    def _request(self) -> InjectionRequest | str:
        """What is chosen, or what is still missing."""
        anomaly = self.query_one("#anomaly", ChoiceField).value
        nodes = self.query_one(NodesField).value
        severity = self._severity
        duration_s = parse_duration(self.query_one("#duration", TextField).value)
        known = self.console.verbs.anomalies.get(anomaly)
        if duration_s is None:
            return "The duration is not understood: give it as 90, 90s, 2m or 1h."
        if not nodes:
            return _about(known)
        return InjectionRequest(anomaly, nodes, severity, duration_s)

    def _say(self, lines: list[Line]) -> None:
        preview = self.query_one(Preview)
        preview.scroll_to(y=0, animate=False)
        preview.show_lines(lines)


def _about(anomaly: Anomaly | None) -> str:
    return f"{anomaly.what} Choose at least one node." if anomaly else "Choose an anomaly."
