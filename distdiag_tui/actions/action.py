"""An action of the console: its keys and texts, where it can be called, and what it needs to be allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# Where an action can be called: `everywhere` also in every dialog, and without waiting for keys that were typed before;
# `collect` on the main screen and beside the dataset.
Scope = Literal[
    "everywhere",
    "main",
    "collect",
    "list",
    "table",
    "copy",
    "checklist",
    "wall",
    "dialog",
    "injections",
    "injection",
    "form",
    "field",
    "filter",
    "select",
    "workload",
    "runs",
    "experiments",
    "experiment",
    "experiment-form",
    "dataset",
    "advice",
    "training",
    "models",
    "incidents",
    "evidence",
    "graph",
    "heat-map",
    "side-by-side",
    "node",
    "sessions",
    "sources",
    "asked",
    "history",
    "replay",
    "live",
    "clusters",
]
Group = Literal["Anomalies", "Workload", "Data", "Look", "Replay", "Move", "Console", "Dialogs"]


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the console, carried out by a key or from the palette.

    Attributes:
        id: stable; the user's `keymap.yaml` and the command palette name it.
        keys: Textual's names, separated by commas.
        textual_action: in the place that has the scope; empty where the app has a handler for the action.
        footer: its label in the footer; empty where it is not shown there.
        spare: its label gives way to all others.
        dangerous: injects an anomaly, after a confirmation.
        needs_write: refused on a read-only cluster.
        needs_cluster: refused in a replay and a simulation, where nothing can be injected, collected or cleared.
    """

    id: str
    keys: str
    title: str
    what: str
    group: Group
    scope: Scope
    textual_action: str = ""
    footer: str = ""
    spare: bool = False
    dangerous: bool = False
    needs_write: bool = False
    needs_cluster: bool = False
