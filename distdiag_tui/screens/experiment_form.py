"""The form of an experiment: benchmark, anomalies and stretches, beside the plan of its steps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from distdiag_core.anomalies import presets
from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.campaign.load import Load
from distdiag_core.errors import ConfigError
from distdiag_core.experiments import experiment_files
from distdiag_core.experiments.experiment import ExperimentPlan
from distdiag_core.operations import last_injection
from distdiag_core.settings.duration import parse_duration
from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmark_options import described
from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.confirm_production import confirm_production
from distdiag_tui.screens.confirmed import Confirmed
from distdiag_tui.screens.form import NodesField, SelectField, TextField
from distdiag_tui.screens.form_dialog import FormDialog
from distdiag_tui.screens.injection import InjectionScreen
from distdiag_tui.screens.option_fields import option_fields, option_values
from distdiag_tui.views import injection_plan
from distdiag_tui.views.experiment_run import plan_lines
from distdiag_tui.widgets.choices import Checklist
from distdiag_tui.widgets.line_view import titled
from distdiag_tui.widgets.select import Select
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.anomalies.presets import InjectionPreset
    from distdiag_core.errors import DistdiagError
    from distdiag_core.workloads.benchmark import Benchmark

# Low risk: it takes time of the processors, and nothing else.
_FIRST = "cpu_stress, low"
_LAST = "last injection"
_COMPOSED = "composed"


class ExperimentForm(FormDialog[Confirmed[ExperimentPlan]]):
    """Returns the plan that was confirmed; only one that was seen can be.

    Args:
        explained: a line about each step.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("experiment-form")
    """The actions of scope `experiment-form`, beside those of `form`, `field` and `dialog`."""

    def __init__(self, *, explained: bool = False) -> None:
        super().__init__()
        self._explained = explained
        self._presets: dict[str, InjectionPreset] = {}
        self._last: CompoundRequest | None = None
        self._composed: CompoundRequest | None = None
        self._wanted: ExperimentPlan | None = None
        self._planned: ExperimentPlan | None = None
        self._planned_anomalies: CompoundPlan | None = None
        self._kind = Load().kind

    def compose(self) -> ComposeResult:
        """Choices on the left, what they come to on the right."""
        view = self.console.view
        assert view is not None  # noqa: S101 - the action is refused before the first tick
        try:
            self._presets = {each.name: each for each in presets.load()}
        except ConfigError as error:
            self.console.report(str(error), "error")
        with Vertical(classes="box") as box:
            box.border_title = "FIRST EXPERIMENT" if self._explained else "NEW EXPERIMENT"
            with Horizontal(classes="columns"):
                with Vertical(classes="fields"):
                    yield TextField("Name", "", "name", placeholder="made from the rest")
                    yield SelectField("Benchmark", benchmark_registry.names(), "kind", chosen=self._kind)
                    yield Vertical(self._script_field(), id="of-script", classes="auto")
                    yield TextField("Threads a node", str(Load().threads), "threads")
                    yield TextField("Rate", "0", "rate", placeholder="0: no limit")
                    yield SelectField("Anomalies", (_FIRST, *self._presets, _LAST, _COMPOSED), "act")
                    yield TextField("Seconds before", "30s", "before")
                    yield TextField("Seconds after", "30s", "after")
                    yield NodesField(view.snapshot, chosen=[node.node for node in view.snapshot.nodes[:1]])
                    yield Vertical(*option_fields(self._benchmark), id="of-kind", classes="auto")
                yield titled("WHAT WILL RUN", TextPane(id="preview", classes="panel"))
            with Horizontal(classes="buttons"):
                yield Button("Run", id="run", variant="warning", compact=True, disabled=True)
                yield Button("Cancel", id="cancel", compact=True)
            yield self.key_bar("experiment-form", "form", "everywhere")

    def on_mount(self) -> None:
        """Plan the defaults, and read what was injected last."""
        self.call_after_refresh(self._begin)
        name = self.console.runtime.cluster.name
        operation = Operation["CompoundRequest | None"](
            "last injection", "reading the audit log", self._last_read, owner=self
        )
        self.console.run_in_background(operation, lambda: asyncio.to_thread(last_injection.last, name))

    def _begin(self) -> None:
        self.query_one("#name Input").focus()
        self._replan()

    def _last_read(self, last: CompoundRequest | None) -> None:
        self._last = last
        if self._select("act") == _LAST:
            self._replan()

    @on(Select.Changed, "#kind Select")
    async def _kind_chosen(self) -> None:
        """The other benchmark has other scripts."""
        if self._select("kind") != self._kind:
            self._kind = self._select("kind")
            for place, fields in (("#of-script", [self._script_field()]), ("#of-kind", option_fields(self._benchmark))):
                holder = self.query_one(place, Vertical)
                await holder.remove_children()
                await holder.mount(*fields)
            self._replan()

    def action_compose(self) -> None:
        """Choose any anomalies, beginning with those that are chosen."""
        try:
            chosen: CompoundRequest | None = self._request()
        except ConfigError:
            chosen = None

        def taken(confirmed: Confirmed[CompoundPlan] | None) -> None:
            if confirmed is not None:
                self._composed = confirmed.plan.request
                self.query_one("#act Select", Select).choose(_COMPOSED)
                self._replan()

        self.console.push_screen(InjectionScreen(added=chosen, composes=True), taken)

    @on(Select.Changed)
    @on(Input.Changed)
    @on(Checklist.Changed)
    def _replan(self) -> None:
        """Ask the core what the choices come to; until it answers there is nothing to confirm."""
        try:
            plan = self._plan()
        except ConfigError as error:
            self._want(None)
            self._say_refusal(error)
            return
        if plan == self._wanted:
            # Fields also tell of their first values, and of typing that changes nothing.
            return
        self._want(plan)

        def planned(anomalies: CompoundPlan) -> None:
            self._show_plan(plan, anomalies)

        def refused(error: DistdiagError) -> None:
            if self._wanted is plan:
                self._want(None)
                self._say_refusal(error)

        self._pane.show_lines([(("planning: asking the nodes what can be done there ...", "muted"),)])
        operation = Operation[CompoundPlan]("plan", "planning", planned, refused, while_running="replace", owner=self)
        self.console.perform(operation, lambda runtime: runtime.injections.plan_compound(plan.request))

    def _want(self, plan: ExperimentPlan | None) -> None:
        self._wanted, self._planned = plan, None
        self.query_one("#run", Button).disabled = True

    def _show_plan(self, plan: ExperimentPlan, anomalies: CompoundPlan) -> None:
        if self._wanted is plan and self.console.view is not None:
            self._planned, self._planned_anomalies = plan, anomalies
            self.query_one("#run", Button).disabled = False
            # The plan may come before the first layout, which decides how wide its lines are.
            self.call_after_refresh(self._paint_plan)

    def on_resize(self) -> None:
        """Wrap the plan anew."""
        self.call_after_refresh(self._paint_plan)

    def _paint_plan(self) -> None:
        view, plan, anomalies = self.console.view, self._planned, self._planned_anomalies
        if view is not None and plan is not None and anomalies is not None:
            self._pane.show_lines(plan_lines(view, plan, anomalies, self._pane.line_width, explained=self._explained))

    @on(Button.Pressed, "#run")
    def action_submit(self) -> None:
        """Confirm the plan that is shown."""
        plan = self._planned
        if plan is None:
            self.console.report("there is no plan yet: read it, then confirm it", "warning")
            return

        def run(cluster_name: str) -> None:
            self.dismiss(Confirmed(plan, cluster_name))

        confirm_production(self.console, "run the experiment", "Run", run)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @property
    def _pane(self) -> TextPane:
        return self.query_one(TextPane)

    def _say_refusal(self, error: DistdiagError) -> None:
        if (view := self.console.view) is not None:
            self._pane.show_lines(injection_plan.refusal_lines(error, self._pane.line_width, view.glyphs))

    @property
    def _benchmark(self) -> Benchmark:
        return benchmark_registry.benchmark(self._kind)

    def _script_field(self) -> SelectField:
        return SelectField("Script", tuple(self._benchmark.scripts), "script")

    def _load(self) -> Load:
        """The load as the fields have it, with the options that are not as usual."""
        usual = {option.name: option.default for option in described(self._benchmark.options)}
        options = {name: value for name, value in option_values(self, self._benchmark) if value != usual[name]}
        threads, rate = (self._whole("threads", 1), self._whole("rate", 0))
        return Load(self._kind, self._select("script"), threads, rate, options)

    def _plan(self) -> ExperimentPlan:
        """The experiment as the fields have it.

        Raises:
            ConfigError: a field does not make sense.
        """
        load, request = self._load(), self._request()
        name = self._typed("name") or request.name or f"{request.parts[0].request.anomaly}-{self._kind}"
        ExperimentPlan(name, load, request)  # A name that is no file name is refused before it is looked for.
        free = experiment_files.free_name(name)
        return ExperimentPlan(free, load, request, self._seconds("before"), self._seconds("after"))

    def _request(self) -> CompoundRequest:
        chosen, nodes = self._select("act"), self.query_one(NodesField).value
        if chosen == _LAST:
            if self._last is None:
                raise ConfigError("nothing was injected on this cluster from this machine yet", where="Anomalies")
            return self._last
        if chosen == _COMPOSED:
            if self._composed is None:
                raise ConfigError("nothing is composed yet", where="Anomalies", hint="see Compose in the last line")
            return self._composed
        if not nodes:
            raise ConfigError("none is chosen", where="Nodes", hint="Space turns one on and off")
        if chosen in self._presets:
            known = [node.name for node in self.console.runtime.cluster.nodes]
            return self._presets[chosen].request(known, nodes)
        return CompoundRequest.of(InjectionRequest("cpu_stress", nodes, "low", 60.0))

    def _whole(self, name: str, least: int) -> int:
        field = self.query_one(f"#{name}", TextField)
        if not field.value.isdecimal() or int(field.value) < least:
            raise ConfigError(f"{field.value or 'nothing'} is no whole number of at least {least}", where=field.heading)
        return int(field.value)

    def _seconds(self, name: str) -> float:
        field = self.query_one(f"#{name}", TextField)
        seconds = parse_duration(field.value)
        if seconds is None:
            raise ConfigError(f"{field.value or 'nothing'} is no time", where=field.heading, hint="give 30, 30s or 2m")
        return seconds

    def _select(self, name: str) -> str:
        return self.query_one(f"#{name}", SelectField).value

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", TextField).value
