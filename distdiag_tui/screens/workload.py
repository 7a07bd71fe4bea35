"""The benchmark: prepare its tables, start and stop its clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from distdiag_core.duration import parse_duration
from distdiag_core.workloads.sysbench.options import SysbenchOptions
from distdiag_core.workloads.workload import WorkloadRequest, WorkloadState
from distdiag_tui import panels
from distdiag_tui.keymap import bindings
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.form import ChoiceField, NodesField, TextField
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.panel import Panel

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_tui.scene import Scene

_NUMBERS = (
    ("threads", "Threads a node", 1),
    ("tables", "Tables", 1),
    ("size", "Rows a table", 1),
    ("rate", "Rate (0: free)", 0),
)


class WorkloadScreen(Dialog[None]):
    """Stays open while the core works, so that its progress can be watched."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("form")
    """The acts of scope `form`, beside those of `dialog`."""

    def compose(self) -> ComposeResult:
        """Choices on the left, the state on the right."""
        scene = self.console.scene
        assert scene is not None  # noqa: S101 - the act is refused before the first tick
        status = scene.snapshot.workload
        last = status.request if status else WorkloadRequest()
        chosen = last.nodes or tuple(node.node for node in scene.snapshot.nodes)
        tables = last.options_as(SysbenchOptions)
        values = {"threads": last.threads, "tables": tables.tables, "size": tables.table_size, "rate": last.rate}
        with Vertical(classes="box") as box:
            box.border_title = f"WORKLOAD {scene.glyphs.dot} {last.kind}"
            with Horizontal(classes="columns"):
                with Vertical(classes="fields"):
                    scripts = self.console.verbs.workload_scripts
                    yield ChoiceField("Script", ((each, each) for each in scripts), "script", chosen=last.script)
                    yield NodesField(scene.snapshot, chosen=chosen)
                    for name, heading, _ in _NUMBERS:
                        yield TextField(heading, str(values[name]), name)
                    duration = f"{last.duration_s:.0f}s" if last.duration_s else ""
                    yield TextField("Duration", duration, "duration", placeholder="until stopped")
                yield Panel(panels.workload_detail, id="state")
            with Horizontal(classes="buttons"):
                yield Button("Prepare", id="prepare", compact=True)
                yield Button("Start", id="start", variant="primary", compact=True)
                yield Button("Stop", id="stop", compact=True)
                yield Button("Close", id="cancel", compact=True)
            yield KeyBar("form", "dialog", "everywhere", keys=self.console.keys)

    def on_mount(self) -> None:
        """As it was asked for last."""
        scene = self.console.scene
        if scene is not None:
            self.show(scene)
        self.query_one("#script RadioList").focus()

    def show(self, scene: Scene) -> None:
        """Progress and figures; only what makes sense now can be pressed."""
        self.query_one("#state", Panel).show(scene)
        state = scene.snapshot.workload.state if scene.snapshot.workload else WorkloadState.ABSENT
        working = state in (WorkloadState.RUNNING, WorkloadState.PREPARING, WorkloadState.STOPPING)
        self.query_one("#prepare", Button).disabled = working
        self.query_one("#start", Button).disabled = working
        self.query_one("#stop", Button).disabled = not working
        if self.focused is None and not working:
            # The button that was pressed was taken away meanwhile; what comes next is to start.
            self.query_one("#start", Button).focus()

    @on(Button.Pressed, "#prepare")
    def _prepare(self) -> None:
        if request := self._request():
            self.console.perform("workload", "preparing the workload", lambda verbs: verbs.prepare_workload(request))

    @on(Button.Pressed, "#start")
    def action_submit(self) -> None:
        """Start the clients as chosen."""
        if request := self._request():
            self.console.perform("workload", "starting the workload", lambda verbs: verbs.start_workload(request))

    @on(Button.Pressed, "#stop")
    def _stop(self) -> None:
        self.console.perform("stop_workload", "stopping the workload", lambda verbs: verbs.stop_workload())

    @on(Button.Pressed, "#cancel")
    def _close(self) -> None:
        self.dismiss(None)

    def _request(self) -> WorkloadRequest | None:
        """What is chosen; None, with the reason said, where it makes no sense."""
        numbers: dict[str, int] = {}
        for name, heading, least in _NUMBERS:
            text = self.query_one(f"#{name}", TextField).value
            if not text.isdecimal() or int(text) < least:
                self.console.tell(f"{heading}: {text or 'nothing'} is no whole number of at least {least}", "warning")
                return None
            numbers[name] = int(text)
        typed = self.query_one("#duration", TextField).value
        duration_s = parse_duration(typed) if typed else None
        if typed and duration_s is None:
            self.console.tell(f"Duration: {typed} is not understood; give 90, 90s, 2m or 1h, or nothing", "warning")
            return None
        nodes = self.query_one(NodesField).value
        if not nodes:
            self.console.tell("Nodes: choose at least one", "warning")
            return None
        script = self.query_one("#script", ChoiceField).value
        return WorkloadRequest(
            script=script, nodes=nodes, threads=numbers["threads"], rate=numbers["rate"], duration_s=duration_s,
            options=SysbenchOptions(numbers["tables"], numbers["size"]),
        )  # fmt: skip
