"""The handler of each action of the app, by the id of the action."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from distdiag_tui.handlers.clusters import open_clusters, show_next_cluster
from distdiag_tui.handlers.collecting import collect_anomalies, collect_normal
from distdiag_tui.handlers.dialogs import (
    choose_metric,
    longer_chart,
    open_audit,
    open_dataset,
    open_events,
    open_experiments,
    open_graph,
    open_heat_map,
    open_help,
    open_history,
    open_incidents,
    open_injection,
    open_injections,
    open_logbook,
    open_models,
    open_models_side_by_side,
    open_node,
    open_runs,
    open_settings,
    open_sources,
    open_training,
    open_workload,
    repeat_injection,
)
from distdiag_tui.handlers.experiment import open_first_experiment
from distdiag_tui.handlers.export_window import export_visible, serve_metrics
from distdiag_tui.handlers.leave import leave
from distdiag_tui.handlers.main_screen import change_span, mark_node, toggle_panel, unzoom, zoom
from distdiag_tui.handlers.replay import change_speed, go_to_end, jump, step, toggle_pause
from distdiag_tui.handlers.reset_baseline import reset_baseline
from distdiag_tui.handlers.screenshot import take_screenshot
from distdiag_tui.handlers.suspend import suspend
from distdiag_tui.operations.clear_all import clear_all
from distdiag_tui.operations.look_back import look_back, look_back_service
from distdiag_tui.operations.stop_load import stop_load

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_tui.console.console import Console

HANDLERS: dict[str, Callable[[Console], None]] = {
    "inject": open_injection,
    "inject-again": repeat_injection,
    "injections": open_injections,
    "clear-all": clear_all,
    "mark-node": mark_node,
    "workload": open_workload,
    "stop-workload": stop_load,
    "runs": open_runs,
    "experiments": open_experiments,
    "try-experiment": open_first_experiment,
    "dataset": open_dataset,
    "collect-normal": collect_normal,
    "collect-cases": collect_anomalies,
    "train": open_training,
    "models": open_models,
    "metric": choose_metric,
    "events": open_events,
    "audit": open_audit,
    "incidents": open_incidents,
    "graph": open_graph,
    "heat-map": open_heat_map,
    "node": open_node,
    "sources": open_sources,
    "history": open_history,
    "side-by-side": open_models_side_by_side,
    "logbook": open_logbook,
    "longer": longer_chart,
    "shorter": partial(change_span, by=-1),
    "zoom": zoom,
    "unzoom": unzoom,
    "panel-charts": partial(toggle_panel, panel="charts"),
    "panel-causes": partial(toggle_panel, panel="causes"),
    "panel-timeline": partial(toggle_panel, panel="timeline"),
    "panel-side": partial(toggle_panel, panel="side"),
    "reset-baseline": reset_baseline,
    "look-back": look_back,
    "service-past": look_back_service,
    "pause": toggle_pause,
    "step-forward": partial(step, ticks=1),
    "step-back": partial(step, ticks=-1),
    "next-event": partial(jump, by=1),
    "previous-event": partial(jump, by=-1),
    "faster": partial(change_speed, by=1),
    "slower": partial(change_speed, by=-1),
    "replay-start": partial(go_to_end, last=False),
    "replay-end": partial(go_to_end, last=True),
    "clusters": open_clusters,
    "next-cluster": show_next_cluster,
    "screenshot": take_screenshot,
    "export-window": export_visible,
    "serve-metrics": serve_metrics,
    "settings": open_settings,
    "help": open_help,
    "suspend": suspend,
    "quit": leave,
}
