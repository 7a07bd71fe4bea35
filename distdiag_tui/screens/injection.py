"""The injection dialog: choose an anomaly or several, see the commands that will run, confirm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.drawing.lines import block
from distdiag_tui.screens.confirmed import Confirmed
from distdiag_tui.screens.form_dialog import FormDialog
from distdiag_tui.screens.injection_fields import InjectionFields
from distdiag_tui.screens.presets import choose_preset
from distdiag_tui.screens.save_preset import save_preset
from distdiag_tui.views import compound, injection_plan
from distdiag_tui.widgets.choices import Checklist
from distdiag_tui.widgets.line_view import titled
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.errors import DistdiagError
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState


class InjectionScreen(FormDialog[Confirmed[CompoundPlan]]):
    """The form of an injection beside the plan of its commands; returns the plan that was confirmed.

    What was added is of one act with what the form has, once nodes are chosen there.

    Args:
        marked: the nodes that were marked.
        added: a request to begin with.
        composes: whether the plan is only taken over into another form, which asks what a production cluster needs.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("injection")
    """The actions of scope `injection`, beside those of `form`, `field` and `dialog`."""

    def __init__(
        self, marked: Collection[str] = (), added: CompoundRequest | None = None, *, composes: bool = False
    ) -> None:
        super().__init__()
        self._composes = composes
        self._marked = marked
        self._added = added or CompoundRequest(())
        self._plan: CompoundPlan | None = None
        self._wanted: CompoundRequest | None = None
        self._asked_s = 0.0
        self._submitted_early = False

    def compose(self) -> ComposeResult:
        """Choices on the left, what they come to on the right."""
        view = self.console.view
        assert view is not None  # noqa: S101 - the action is refused before the first tick
        with Vertical(classes="box") as box:
            box.border_title = "COMPOSE THE ANOMALIES" if self._composes else "INJECT AN ANOMALY"
            with Horizontal(classes="columns"):
                yield InjectionFields(view.snapshot, self.console.runtime, self._marked, asks_name=self._asks_name)
                yield titled("WHAT WILL RUN", TextPane(id="preview", classes="panel"))
            with Horizontal(classes="buttons"):
                label = "Take over" if self._composes else "Inject"
                yield Button(label, id="inject", variant="warning", compact=True, disabled=True)
                yield Button("Cancel", id="cancel", compact=True)
            yield self.key_bar("injection", "form", "everywhere")

    def on_mount(self) -> None:
        """Focus the list of anomalies."""
        self.query_one("#anomaly RadioList").focus()
        self.call_after_refresh(self._anomaly_chosen)

    def show(self, view: ViewState) -> None:
        """Show how long the nodes have been asked for a plan."""
        if self._wanted is not None and self._plan is None:
            self._say(self._asking(view))

    @on(ListView.Moved, "#anomaly RadioList")
    def _anomaly_chosen(self) -> None:
        self._fields.follow_scope()
        self._replan()

    @on(Checklist.Changed)
    def _nodes_chosen(self) -> None:
        self._fields.keep_nodes()
        self._replan()

    @on(ListView.Moved, "#severity RadioList")
    @on(Input.Changed, "#duration Input")
    @on(Input.Changed, "#start Input")
    def _replan(self) -> None:
        """Ask the core what the choices come to; until it answers there is nothing to confirm."""
        request, view = self._request(), self.console.view
        self._submitted_early = self._submitted_early and _same(self._wanted, request)
        self._plan, self._wanted = None, None
        self._allow()
        self.query_one(TextPane).scroll_to(y=0, animate=False)
        if isinstance(request, str):
            self._say(block("", request, self.query_one(TextPane).line_width, "muted"))
        elif view is not None:
            self._wanted, self._asked_s = request, view.now_s
            self._say(self._asking(view))
            # A new plan replaces the last one.
            operation = Operation["CompoundPlan"](
                "plan", "planning", self._planned, self._not_planned, while_running="replace", owner=self
            )
            self.console.perform(operation, lambda runtime: runtime.injections.plan_compound(request))

    def text(self) -> str:
        """What is copied: the commands, each on one line, where there is a plan."""
        if self._plan is None or self.console.view is None:
            return super().text()
        return compound.plan_text(self.console.view, self._plan)

    def _planned(self, plan: CompoundPlan) -> None:
        view = self.console.view
        # The plan has them by their start.
        if not _same(self._wanted, plan.request) or view is None:
            return
        self._plan = plan
        self._say(compound.compound_plan_lines(view, plan, self.query_one(TextPane).line_width))
        self._allow()
        if self._submitted_early:
            self._submitted_early = False
            self.console.report("the plan is ready and nothing has run yet: read it, then confirm it")

    def _not_planned(self, error: DistdiagError) -> None:
        if self._wanted is None:
            return  # It is about what was chosen before, and another choice is not finished yet.
        self._wanted, view = None, self.console.view
        if self._submitted_early:
            self._submitted_early = False
            self.console.report(f"no plan: {error}", "warning")
        if view is not None:
            self._say(injection_plan.refusal_lines(error, self.query_one(TextPane).line_width, view.glyphs))

    @on(Input.Changed, "#confirm Input")
    def _allow(self) -> None:
        """The button works when there is a plan, and on production the name is right."""
        self.query_one("#inject", Button).disabled = self._plan is None or not self._fields.confirmed

    @on(Button.Pressed, "#inject")
    def action_submit(self) -> None:
        """Confirm the plan that is shown; where there is none of the choices yet, wait for it and show it."""
        request = self._request()
        if isinstance(request, str):
            self.console.report(request, "warning")
        elif self._plan is None or not _same(self._plan.request, request):
            # A key typed just now may not have changed the plan yet; only a plan that was seen is confirmed.
            if not _same(self._wanted, request) or self._plan is not None:
                self._replan()
            self._submitted_early = True
        elif not self._fields.confirmed:
            self.console.report("this is a production cluster: type its name to confirm", "warning")
        else:
            self.dismiss(Confirmed(self._plan, self._fields.typed_name))

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @property
    def _fields(self) -> InjectionFields:
        return self.query_one(InjectionFields)

    @property
    def _asks_name(self) -> bool:
        return self.console.runtime.cluster.production and not self._composes

    def action_add(self) -> None:
        """Keep what the form has as one of several, and choose the next one."""
        part = self._fields.part()
        if isinstance(part, str):
            self.console.report(part, "warning")
            return
        self._added = replace(self._added, parts=(*self._added.parts, part), name="")
        self._choose_none()

    def action_take_back(self) -> None:
        """Drop what was added last."""
        self._added = replace(self._added, parts=self._added.parts[:-1], name="")
        self._replan()

    def action_preset(self) -> None:
        """Choose a named combination in place of what was added, for the nodes that are chosen or the first."""

        def taken(request: CompoundRequest) -> None:
            self._added = request
            self._choose_none()

        choose_preset(self.console, self._fields.nodes, taken)

    def action_save_preset(self) -> None:
        """Keep what was added and what the form has as a preset of one's own."""
        request = self._request()
        if isinstance(request, str):
            self.console.report(request, "warning")
        else:
            save_preset(self.console, request)

    def _choose_none(self) -> None:
        self._fields.choose_none()
        self._replan()

    def _request(self) -> CompoundRequest | str:
        """What was added and what the form has, or a sentence on what is missing."""
        if self._added.parts and not self._fields.nodes:
            return self._added
        part = self._fields.part()
        return part if isinstance(part, str) else replace(self._added, parts=(*self._added.parts, part))

    def _asking(self, view: ViewState) -> list[Line]:
        return injection_plan.asking_lines(self._wanted.nodes if self._wanted else (), view.now_s - self._asked_s)

    def _say(self, lines: Sequence[Line]) -> None:
        """Show what was added and what the anomaly of the form is, and under it these lines."""
        pane, view, anomaly = self.query_one(TextPane), self.console.view, self._fields.anomaly
        if view is None:
            return
        nodes = self._fields.nodes
        # A plan has all of it, and what has no node yet is no part of the act.
        added = compound.added_lines(view, self._added.parts) if self._added.parts and self._plan is None else []
        about: list[Line] = []
        if anomaly is not None and (nodes or not self._added.parts):
            about = injection_plan.about_lines(view, anomaly, nodes, pane.line_width)
        pane.show_lines([*added, *about, *lines])


def _same(one: CompoundRequest | None, other: CompoundRequest | str) -> bool:
    """Whether these ask for the same; a plan has the parts of its request by their start."""
    return one is not None and not isinstance(other, str) and set(one.parts) == set(other.parts)
