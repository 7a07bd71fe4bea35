"""The workload dialog: choose a benchmark, prepare its tables, start and stop its clients, watch its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState
from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.drawing.lines import block
from distdiag_tui.operations.stop_load import stop_load
from distdiag_tui.screens.confirm_production import confirm_production
from distdiag_tui.screens.form_dialog import FormDialog
from distdiag_tui.screens.workload_form import WorkloadForm
from distdiag_tui.views import workloads
from distdiag_tui.widgets.line_view import LineView, titled
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.load_chart import LoadChart
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.runtime.operations import Operations
    from distdiag_core.workloads.control.profiles import NamedProfile
    from distdiag_core.workloads.workload_status import WorkloadStatus
    from distdiag_tui.views.view_state import ViewState

_NOTHING = "Nothing runs. Prepare makes the tables, or finds that they are there; then Start."


class WorkloadScreen(FormDialog[None]):
    """Stays open while the core works, so that its progress can be watched."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("workload")
    """The actions of scope `workload`, beside those of every form."""

    def __init__(self, profiles: Sequence[NamedProfile]) -> None:
        super().__init__()
        self._profiles = profiles
        self._statuses: tuple[WorkloadStatus, ...] = ()

    def compose(self) -> ComposeResult:
        """The form on the left, what runs and what it measures on the right."""
        view = self.console.view
        assert view is not None  # noqa: S101 - the action is refused before the first tick
        last = next((status.request for status in view.snapshot.workloads), WorkloadRequest())
        with Vertical(classes="box large") as box:
            box.border_title = "WORKLOAD"
            with Horizontal(classes="columns"):
                yield WorkloadForm(view.snapshot, self._profiles, last)
                with Vertical():
                    yield titled("RUNS", ListView(id="runs", classes="panel"))
                    yield titled("FIGURES", TextPane(id="run", classes="panel"))
                    yield LoadChart("THROUGHPUT", "workload.tps", "1/s")
                    yield LoadChart("LATENCY", "workload.p95", "ms")
            yield LineView(id="hint")
            with Horizontal(classes="buttons"):
                yield Button("Prepare", id="prepare", compact=True)
                yield Button("Start", id="start", variant="primary", compact=True)
                yield Button("Stop", id="stop", compact=True)
                yield Button("Stop all", id="stop-all", compact=True)
                yield Button("Close", id="cancel", compact=True)
            yield self.key_bar("form", "workload", "everywhere")

    def on_mount(self) -> None:
        """Focus the first field."""
        self.query_one("#kind Select").focus()
        self.call_after_refresh(self.repaint)
        looking = Operation[None]("tables", "looking which tables are prepared", _shown_by_the_next_tick, owner=self)
        self.console.perform(looking, lambda runtime: runtime.workloads.look_for_tables())

    def show(self, view: ViewState) -> None:
        """Progress and figures; only what makes sense now can be pressed."""
        list_view = self.query_one("#runs", ListView)
        known = (status for status in view.snapshot.workloads if status.state is not WorkloadState.ABSENT)
        # What runs stands above what is only prepared.
        self._statuses = tuple(sorted(known, key=lambda status: status.state not in workloads.WORKING))
        rows = [workloads.workload_header(view, status, list_view.line_width) for status in self._statuses]
        problems = workloads.problem_lines(view, list_view.line_width)
        list_view.show_lines([*rows, *problems] or block(" ", _NOTHING, list_view.line_width, "muted"))
        self._show_run()
        for chart in self.query(LoadChart):
            chart.show(view)
        self._allow()

    @on(ListView.Moved, "#runs")
    def _show_run(self) -> None:
        view, pane, status = self.console.view, self.query_one("#run", TextPane), self._status
        if view is not None:
            pane.show_lines(workloads.detail(view, status, pane.line_width)[1:] if status is not None else [])

    def _allow(self) -> None:
        status = self._status
        self.query_one("#stop", Button).disabled = status is None or status.state not in workloads.WORKING
        working = any(status.state in workloads.WORKING for status in self._statuses)
        self.query_one("#stop-all", Button).disabled = not working
        main = "start" if self._is_prepared else "prepare"
        for name in ("prepare", "start"):
            self.query_one(f"#{name}", Button).variant = "primary" if name == main else "default"
        if self.focused is None:
            # The button that was pressed was taken away meanwhile.
            self.query_one(f"#{main}", Button).focus()

    @property
    def _is_prepared(self) -> bool:
        """Whether the chosen benchmark is known to be ready for its clients."""
        kind = self.query_one(WorkloadForm).kind
        return any(each.request.kind == kind and each.state in workloads.READY for each in self._statuses)

    @property
    def _status(self) -> WorkloadStatus | None:
        """The workload under the cursor; None where the list is empty."""
        cursor = self.query_one("#runs", ListView).cursor
        return self._statuses[cursor] if cursor < len(self._statuses) else None

    @on(WorkloadForm.Hinted)
    def _hint(self, message: WorkloadForm.Hinted) -> None:
        line = self.query_one("#hint", LineView)
        line.show_lines(block("", message.text, line.line_width, "muted")[:2])
        self._allow()

    def action_turn_charts(self) -> None:
        """The charts show the next figures, type by type."""
        for chart in self.query(LoadChart):
            chart.turn()

    def action_submit(self) -> None:
        """What the highlighted button does; by what is seen, not by what has become of it since."""
        if self.query_one("#start", Button).variant == "primary":
            self.action_start()
        else:
            self.action_prepare()

    @on(Button.Pressed, "#prepare")
    def action_prepare(self) -> None:
        """Create and fill the tables of the chosen benchmark."""
        if request := self._request():
            self._perform(
                f"prepare {request.kind}",
                f"preparing {request.kind}",
                lambda runtime, confirmed: runtime.workloads.prepare(request, confirmed=confirmed),
            )

    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Start the clients as chosen."""
        if request := self._request():
            self._perform(
                f"start {request.kind}",
                f"starting {request.kind}",
                lambda runtime, confirmed: runtime.workloads.start(request, confirmed=confirmed),
            )

    def _perform(self, what: str, doing: str, call: Callable[[Operations, str], Awaitable[object]]) -> None:
        """Call an operation, after a confirmation where the cluster is in production."""

        def perform(confirmed: str) -> None:
            operation = Operation[object](doing, doing, _shown_by_the_next_tick)
            self.console.perform(operation, lambda runtime: call(runtime, confirmed))

        confirm_production(self.console, what, what.partition(" ")[0].capitalize(), perform)

    @on(Button.Pressed, "#stop")
    def action_stop(self) -> None:
        """What runs is stopped, and what is being prepared is cancelled."""
        status = self._status
        if status is None or status.state not in workloads.WORKING:
            self.console.report("nothing that could be stopped is under the cursor of RUNS", "warning")
        else:
            stop_load(self.console, status)

    @on(Button.Pressed, "#stop-all")
    def action_stop_all(self) -> None:
        """Stop everything that runs or is being prepared."""
        stop_load(self.console)

    @on(Button.Pressed, "#cancel")
    def _close(self) -> None:
        self.dismiss(None)

    def _request(self) -> WorkloadRequest | None:
        """What is chosen; None, with the reason said, where it makes no sense."""
        try:
            return self.query_one(WorkloadForm).request()
        except ConfigError as error:
            self.console.report(str(error), "warning")
            return None


def _shown_by_the_next_tick(_result: object) -> None:
    """Report nothing: the next tick shows the result."""
