"""Handlers that open a screen, and take what was chosen there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError
from distdiag_core.operations import last_injection
from distdiag_core.workloads.control import profiles
from distdiag_tui.console.operation import Operation
from distdiag_tui.handlers.main_screen import change_span, main_screen
from distdiag_tui.operations.incident_records import recording_path
from distdiag_tui.operations.inject import inject
from distdiag_tui.screens.anomaly_graph import AnomalyGraphScreen
from distdiag_tui.screens.audit import AuditScreen
from distdiag_tui.screens.dataset import DatasetScreen
from distdiag_tui.screens.events import EventsScreen
from distdiag_tui.screens.experiments import ExperimentsScreen
from distdiag_tui.screens.heat_map import HeatMapScreen
from distdiag_tui.screens.help import HelpScreen
from distdiag_tui.screens.incidents import IncidentsScreen
from distdiag_tui.screens.injection import InjectionScreen
from distdiag_tui.screens.injections import InjectionsScreen
from distdiag_tui.screens.logbook import LogbookScreen
from distdiag_tui.screens.metric import MetricScreen
from distdiag_tui.screens.metric_history import MetricHistoryScreen
from distdiag_tui.screens.models import ModelsScreen
from distdiag_tui.screens.models_side_by_side import ModelsSideBySideScreen
from distdiag_tui.screens.node import NodeScreen
from distdiag_tui.screens.runs import RunsScreen
from distdiag_tui.screens.settings import SettingsScreen
from distdiag_tui.screens.sources import SourcesScreen
from distdiag_tui.screens.training import TrainingScreen
from distdiag_tui.screens.workload import WorkloadScreen
from distdiag_tui.widgets.detail_chart import DetailChart
from distdiag_tui.widgets.node_wall import NodeWall

if TYPE_CHECKING:
    from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.console.console import Console
    from distdiag_tui.screens.confirmed import Confirmed


def repeat_injection(console: Console) -> None:
    """Open the injection with what was injected last on this cluster from this machine."""

    def read(last: CompoundRequest | None) -> None:
        if last is None:
            console.report("nothing was injected from this machine yet", "warning")
        else:
            open_injection(console, last)

    name = console.runtime.cluster.name
    operation = Operation["CompoundRequest | None"]("repeat", "reading the audit log", read)
    console.run_in_background(operation, lambda: asyncio.to_thread(last_injection.last, name))


def open_injection(console: Console, added: CompoundRequest | None = None) -> None:
    """Choose an anomaly, see its commands, and inject it when they are confirmed."""

    def chosen(confirmed: Confirmed[CompoundPlan] | None) -> None:
        if confirmed is not None:
            inject(console, confirmed.plan, confirmed.cluster_name)

    # What is injected again goes where it went.
    marked = () if added is not None else main_screen(console).query_one(NodeWall).marked
    console.push_screen(InjectionScreen(marked, added), chosen)


def open_injections(console: Console) -> None:
    """Open the list of active injections."""
    console.push_screen(InjectionsScreen())


def open_sources(console: Console) -> None:
    """Open the sources of the cluster."""
    console.push_screen(SourcesScreen())


def open_workload(console: Console) -> None:
    """Open the workload dialog."""
    try:
        known = profiles.load()
    except ConfigError as error:
        console.report(str(error), "error")
    else:
        console.push_screen(WorkloadScreen(known))


def open_experiments(console: Console) -> None:
    """Open the experiments that were run from this machine."""
    console.push_screen(ExperimentsScreen())


def open_runs(console: Console) -> None:
    """Open the history of benchmark runs."""
    console.push_screen(RunsScreen())


def open_dataset(console: Console) -> None:
    """Open the list of collected cases."""
    console.push_screen(DatasetScreen())


def open_training(console: Console) -> None:
    """Open the training of a model on the dataset."""
    console.push_screen(TrainingScreen())


def open_models(console: Console) -> None:
    """Open the list of models on this machine."""
    console.push_screen(ModelsScreen())


def choose_metric(console: Console) -> None:
    """Open the choice of the metric of the chart."""

    def chosen(metric: Metric | None) -> None:
        if metric is not None:
            main_screen(console).pick_metric(metric)

    console.push_screen(MetricScreen(), chosen)


def open_events(console: Console) -> None:
    """Open the list of all events; looking at them ends the alarms."""
    console.see_alarms()
    console.push_screen(EventsScreen())


def open_audit(console: Console) -> None:
    """Open the audit log."""
    console.push_screen(AuditScreen())


def open_incidents(console: Console) -> None:
    """Open the incidents of this run."""
    console.push_screen(IncidentsScreen())


def open_graph(console: Console) -> None:
    """Open the compound anomaly graph."""
    console.push_screen(AnomalyGraphScreen())


def open_heat_map(console: Console) -> None:
    """Open the heat map of nodes and anomalies."""
    console.push_screen(HeatMapScreen())


def open_models_side_by_side(console: Console) -> None:
    """Open the diagnosis of the same ticks by a second model."""
    console.push_screen(ModelsSideBySideScreen())


def open_node(console: Console) -> None:
    """Open the page of the node under the cursor of the wall."""
    node = main_screen(console).query_one(NodeWall).node
    if node:
        console.push_screen(NodeScreen(node))
    else:
        console.report("no node is shown: escape takes the filter away", "warning")


def open_history(console: Console, *, continues: bool = False) -> None:
    """Open the metric of the chart over hours and days; the node under the cursor lies on top."""
    screen = main_screen(console)
    metric = screen.query_one(DetailChart).metric
    if metric is not None:
        console.push_screen(MetricHistoryScreen(metric, screen.query_one(NodeWall).node, continues=continues))


def longer_chart(console: Console) -> None:
    """Longer charts; the longest one, zoomed, goes on into what was recorded."""
    if main_screen(console).ends_zoomed and recording_path(console) is not None:
        open_history(console, continues=True)
    else:
        change_span(console, 1)


def open_logbook(console: Console) -> None:
    """Open events and audit together; looking at them ends the alarms."""
    console.see_alarms()
    console.push_screen(LogbookScreen())


def open_settings(console: Console) -> None:
    """Open the operator's settings."""
    console.push_screen(SettingsScreen())


def open_help(console: Console) -> None:
    """Open the help with all keys."""
    console.push_screen(HelpScreen())
