"""Handlers that open a screen, and take what was chosen there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.control import profiles
from distdiag_tui.handlers.main_screen import main_screen
from distdiag_tui.operations.inject import inject
from distdiag_tui.screens.audit import AuditScreen
from distdiag_tui.screens.dataset import DatasetScreen
from distdiag_tui.screens.events import EventsScreen
from distdiag_tui.screens.help import HelpScreen
from distdiag_tui.screens.injection import InjectionScreen
from distdiag_tui.screens.injections import InjectionsScreen
from distdiag_tui.screens.metric import MetricScreen
from distdiag_tui.screens.models import ModelsScreen
from distdiag_tui.screens.runs import RunsScreen
from distdiag_tui.screens.training import TrainingScreen
from distdiag_tui.screens.workload import WorkloadScreen

if TYPE_CHECKING:
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.console import Console
    from distdiag_tui.screens.injection import ConfirmedPlan


def open_injection(console: Console) -> None:
    """Choose an anomaly, see its commands, and inject it when they are confirmed."""

    def chosen(confirmed: ConfirmedPlan | None) -> None:
        if confirmed is not None:
            inject(console, confirmed.plan, confirmed.cluster_name)

    console.push_screen(InjectionScreen(), chosen)


def open_injections(console: Console) -> None:
    """The active injections."""
    console.push_screen(InjectionsScreen())


def open_workload(console: Console) -> None:
    """The benchmarks."""
    try:
        known = profiles.load()
    except ConfigError as error:
        console.report(str(error), "error")
    else:
        console.push_screen(WorkloadScreen(known))


def open_runs(console: Console) -> None:
    """The history of benchmark runs."""
    console.push_screen(RunsScreen())


def open_dataset(console: Console) -> None:
    """The collected cases."""
    console.push_screen(DatasetScreen())


def open_training(console: Console) -> None:
    """Training a model on the dataset."""
    console.push_screen(TrainingScreen())


def open_models(console: Console) -> None:
    """The models on this machine."""
    console.push_screen(ModelsScreen())


def choose_metric(console: Console) -> None:
    """The metric of the chart."""

    def chosen(metric: Metric | None) -> None:
        if metric is not None:
            main_screen(console).pick_metric(metric)

    console.push_screen(MetricScreen(), chosen)


def open_events(console: Console) -> None:
    """All events; looking at them ends the alarms."""
    console.see_alarms()
    console.push_screen(EventsScreen())


def open_audit(console: Console) -> None:
    """The audit trail."""
    console.push_screen(AuditScreen())


def open_help(console: Console) -> None:
    """All keys."""
    console.push_screen(HelpScreen())
