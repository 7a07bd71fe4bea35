"""The registry of actions: the keys and texts of each, and what it needs to be allowed.

Footer, help, command palette, read-only mode and the user's own keys all read this list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.binding import Binding, BindingType

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

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
    "dataset",
    "advice",
    "training",
    "models",
    "incidents",
    "graph",
    "heat-map",
    "side-by-side",
    "node",
    "sessions",
    "history",
    "replay",
    "live",
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
    dangerous: bool = False
    needs_write: bool = False
    needs_cluster: bool = False


# fmt: off
ACTIONS: tuple[Action, ...] = (
    Action("inject", "i", "Inject an anomaly", "Choose, see exactly what will run, confirm",
        "Anomalies", "main", footer="Inject", dangerous=True, needs_write=True, needs_cluster=True),
    Action("inject-again", "A", "Inject again", "What was injected last, to be confirmed once more",
        "Anomalies", "main", dangerous=True, needs_write=True, needs_cluster=True),
    Action("injections", "a", "Active injections", "See what is injected and until when; end one or all",
        "Anomalies", "main", footer="Active"),
    Action("clear-all", "ctrl+x", "Clear all injections", "End every injection on the cluster, at once and unasked",
        "Anomalies", "everywhere", footer="Clear all", needs_cluster=True),
    Action("mark-node", "space", "Mark this node", "Mark several nodes, then inject; escape takes the marks away",
        "Anomalies", "live", needs_cluster=True),
    Action("workload", "w", "Workload", "Prepare, start, watch or stop benchmarks",
        "Workload", "main", footer="Load", needs_write=True, needs_cluster=True),
    Action("stop-workload", "W", "Stop all load", "Stop the clients of every benchmark",
        "Workload", "main", needs_write=True, needs_cluster=True),
    Action("runs", "R", "Runs", "The runs that there were, with their results; compare two of them",
        "Workload", "main", needs_cluster=True),
    Action("experiments", "X", "Experiments", "Benchmarks with anomalies as one run, and their cost; compare two",
        "Workload", "main"),
    Action("try-experiment", "E", "First experiment", "A benchmark under low CPU stress, explained step by step",
        "Workload", "main", needs_write=True, needs_cluster=True),
    Action("dataset", "d", "Dataset", "What was collected, case by case, and whether it is in balance",
        "Data", "main", footer="Data"),
    Action("collect-normal", "n", "Collect normal", "Start or stop collecting what is normal",
        "Data", "collect", footer="Normal", needs_cluster=True),
    Action("collect-cases", "o", "Collect anomalies", "On or off: every injection becomes a case of the dataset",
        "Data", "collect", footer="Cases", needs_cluster=True),
    Action("train", "t", "Training", "Train a model on the dataset, and see how good it is",
        "Data", "main"),
    Action("models", "M", "Models", "The models that there are; compare, use, rename or delete them",
        "Data", "main"),
    Action("metric", "m", "Choose a metric", "Any metric of the catalogue into the chart",
        "Look", "main"),
    Action("events", "e", "Events", "All that happened in this run", "Look", "main", footer="Events"),
    Action("audit", "u", "Audit log", "Who did what, where and when, and how it ended", "Look", "main"),
    Action("incidents", "I", "Incidents", "What went wrong in this run, since when, and what it cost", "Look", "main"),
    Action("graph", "C", "Compound anomaly graph", "Which nodes move together, and what each may suffer from",
        "Look", "main"),
    Action("heat-map", "H", "Heat map", "Every anomaly on every node, over a threshold that can be moved",
        "Look", "main"),
    Action("node", "N", "Node", "All metrics of the node under the cursor, its state and what is done to it",
        "Look", "main"),
    Action("history", "T", "Hours and days", "The metric of the chart over 1 h to 7 d, recorded", "Look", "main"),
    Action("side-by-side", "v", "Models side by side", "A second model diagnoses the same ticks; where the two differ",
        "Look", "main"),
    Action("logbook", "L", "Logbook", "Events and audited operations by time, filtered by words", "Look", "main"),
    Action("longer", "plus,equals_sign", "Longer chart", "Show more of the past", "Look", "main"),
    Action("shorter", "minus", "Shorter chart", "Show less of the past", "Look", "main"),
    Action("zoom", "z", "Zoom", "The chart of the selected metric or the root causes alone; again to go back",
        "Look", "main"),
    Action("unzoom", "escape", "Back", "All nodes after a filter; all panels after a zoom", "Look", "main"),
    Action("panel-charts", "1", "Charts on or off", "Show or hide the small charts; remembered", "Look", "main"),
    Action("panel-causes", "2", "Root causes on or off", "Show or hide the root causes; remembered", "Look", "main"),
    Action("panel-timeline", "3", "Timeline on or off", "Show or hide the timeline; remembered", "Look", "main"),
    Action("panel-side", "4", "Side panels on or off",
        "Show or hide anomalies, workload, dataset, model and events; remembered", "Look", "main"),
    Action("reset-baseline", "r", "Reset baseline", "Take what is seen from now on as the normal state",
        "Look", "main"),
    Action("look-back", "b", "Back in time", "The past of this run as a replay, while it goes on; again to return",
        "Replay", "main", footer="Live"),
    Action("service-past", "B", "Back in the service", "What `distdiag record` recorded", "Replay", "main"),
    Action("pause", "space", "Pause", "Stand still in a replay, or go on", "Replay", "replay", footer="Pause"),
    Action("step-forward", "full_stop", "Step forward", "Stand still at the next tick of a replay",
        "Replay", "replay", footer="Step"),
    Action("step-back", "comma", "Step back", "Stand still at the tick before", "Replay", "replay", footer="Back"),
    Action("next-event", "greater_than_sign", "Next event", "On to the next event or incident of a replay",
        "Replay", "replay", footer="Next"),
    Action("previous-event", "less_than_sign", "Previous event", "Back to the event or incident before",
        "Replay", "replay"),
    Action("faster", "right_square_bracket", "Faster", "A replay at 4 and 16 times its speed",
        "Replay", "replay"),
    Action("slower", "left_square_bracket", "Slower", "A replay at 4 times or once its speed", "Replay", "replay"),
    Action("replay-start", "ctrl+home", "To the start", "The first tick of a replay", "Replay", "replay"),
    Action("replay-end", "ctrl+end", "To the end", "The last tick of a replay, or the newest", "Replay", "replay"),
    Action("next-panel", "tab", "Next panel", "To the next panel, field or button",
        "Move", "main", "app.focus_next"),
    Action("previous-panel", "shift+tab", "Previous panel", "To the panel, field or button before",
        "Move", "main", "app.focus_previous"),
    Action("up", "up,k", "Up", "One line up", "Move", "list", "move(-1)"),
    Action("down", "down,j", "Down", "One line down", "Move", "list", "move(1)"),
    Action("page-up", "pageup", "Page up", "One page up", "Move", "list", "page(-1)"),
    Action("page-down", "pagedown", "Page down", "One page down", "Move", "list", "page(1)"),
    Action("top", "home,g", "Top", "The first line", "Move", "list", "edge(-1)"),
    Action("bottom", "end,G", "Bottom", "The last line", "Move", "list", "edge(1)"),
    Action("choose", "enter", "Details", "More about the line under the cursor", "Move", "list", "choose"),
    Action("filter", "slash", "Filter", "Show what fits only: words, zone:z1, cpu>80, !idle; escape takes it away",
        "Move", "table", "filter"),
    Action("sort", "S", "Sort", "Choose the column to sort by; the same again turns it round; remembered",
        "Move", "table", "sort"),
    Action("reverse", "V", "Reverse", "Turn the order of a sorted list round", "Move", "table", "reverse"),
    Action("copy", "y", "Copy", "The line under the cursor, or the whole text, to the clipboard of the terminal",
        "Move", "copy", "copy"),
    Action("metric-left", "left,h", "Metric to the left", "The chart shows the column to the left",
        "Move", "wall", "column(-1)"),
    Action("metric-right", "right,l", "Metric to the right", "The chart shows the column to the right",
        "Move", "wall", "column(1)"),
    Action("fold", "f", "Fold the zone", "One row with the worst figures of the zone; again or enter unfolds it",
        "Move", "wall", "fold"),
    Action("fold-all", "F", "Fold all zones", "One row for each zone; again unfolds them", "Move", "wall", "fold_all"),
    Action("toggle", "space", "On and off", "In a list of nodes", "Move", "checklist", "switch"),
    Action("palette", "ctrl+p,colon", "Command palette", "Every action by its name",
        "Console", "main", "app.command_palette"),
    Action("settings", "f2", "Settings", "Theme, accent, signs, how often to repaint, and how to call you; kept",
        "Console", "main"),
    Action("screenshot", "s", "Screenshot", "Save the screen as an SVG file",
        "Console", "main"),
    Action("export-window", "x", "Export visible window", "All metrics over the time of the charts, as CSV",
        "Console", "main"),
    Action("help", "question_mark,f1", "Help", "All keys", "Console", "main", footer="Help"),
    Action("quit", "q,ctrl+q", "Quit", "Leave; asks first where injections are active",
        "Console", "main", footer="Quit"),
    Action("close", "escape", "Close", "Back to where you were; nothing is changed",
        "Dialogs", "dialog", "close", "Close"),
    Action("clear-one", "c,delete", "Clear this injection", "End the injection under the cursor",
        "Dialogs", "injections", "clear_one", "Clear this one"),
    Action("add-anomaly", "f5", "Add", "Keep this anomaly as one of several that are injected in one act",
        "Dialogs", "injection", "add", "Add"),
    Action("take-back", "f8", "Take back", "Drop the anomaly that was added last",
        "Dialogs", "injection", "take_back", "Take back"),
    Action("preset", "f7", "Presets", "Named combinations of anomalies, for the nodes that are chosen",
        "Dialogs", "injection", "preset", "Presets"),
    Action("mark", "space", "Mark this run", "Mark two, then compare them", "Dialogs", "runs", "mark", "Mark"),
    Action("compare", "c", "Compare", "Set the two marked runs side by side",
        "Dialogs", "runs", "compare", "Compare"),
    Action("new-experiment", "n", "New experiment", "Choose a benchmark and anomalies; where one runs, its page",
        "Dialogs", "experiments", "new", "New", needs_write=True, needs_cluster=True),
    Action("end-experiment", "f8", "Cancel the experiment", "The load is stopped, and its anomalies are cleared",
        "Dialogs", "experiment", "cancel_experiment", "Cancel it"),
    Action("relabel", "e", "Relabel", "Say which anomalies the case really has",
        "Dialogs", "dataset", "relabel", "Relabel"),
    Action("cut", "x", "Cut", "Keep a stretch of the case under the cursor", "Dialogs", "dataset", "cut", "Cut"),
    Action("tag", "t", "Tag", "Give the case tags of your own", "Dialogs", "dataset", "tag", "Tag"),
    Action("drop", "delete,D", "Drop", "Delete the case under the cursor; asks first",
        "Dialogs", "dataset", "drop", "Drop"),
    Action("advice", "a", "Advice", "What to collect next, as a campaign", "Dialogs", "dataset", "advice", "Advice"),
    Action("save-advice", "s", "Save the advice", "Write it as a campaign file that can be run",
        "Dialogs", "advice", "save", "Save"),
    Action("cancel-training", "f8", "Cancel the training", "Nothing of it is kept",
        "Dialogs", "training", "cancel_training", "Cancel it"),
    Action("use-trained", "f7", "Use the trained model", "Diagnose with it from now on",
        "Dialogs", "training", "use", "Use it"),
    Action("mark-model", "space", "Mark this model", "Mark two, then compare them",
        "Dialogs", "models", "mark", "Mark"),
    Action("compare-models", "c", "Compare models", "The same evaluation of the two marked models, side by side",
        "Dialogs", "models", "compare", "Compare"),
    Action("use-model", "u", "Use this model", "Diagnose with the model under the cursor from now on",
        "Dialogs", "models", "use", "Use"),
    Action("rename-model", "n", "Rename this model", "Another name for the model under the cursor",
        "Dialogs", "models", "rename", "Rename"),
    Action("export-model", "x", "Export this model", "Copy the model under the cursor into a directory",
        "Dialogs", "models", "export", "Export"),
    Action("delete-model", "delete,D", "Delete this model", "Delete the model under the cursor; asks first",
        "Dialogs", "models", "delete", "Delete"),
    Action("note-incident", "n", "Note", "Write a note on the incident", "Dialogs", "incidents", "note", "Note"),
    Action("report-incident", "w", "Report", "Write the report of the incident in Markdown",
        "Dialogs", "incidents", "report", "Report"),
    Action("see-onset", "b", "Back to its onset", "The same screens as they were when the incident began",
        "Dialogs", "incidents", "see_onset", "Onset"),
    Action("export-graph", "x", "Export the graph", "Write it as GraphML and as SVG",
        "Dialogs", "graph", "export", "Export"),
    Action("raise-threshold", "plus,equals_sign", "Higher threshold", "Fewer cells of the heat map stand out",
        "Dialogs", "heat-map", "threshold(1)", "Higher"),
    Action("lower-threshold", "minus", "Lower threshold", "More cells of the heat map stand out",
        "Dialogs", "heat-map", "threshold(-1)", "Lower"),
    Action("longer-history", "plus,equals_sign", "Longer", "6 h, 24 h, 7 d", "Dialogs", "history", "span(1)", "Longer"),
    Action("shorter-history", "minus", "Shorter", "24 h, 6 h, 1 h", "Dialogs", "history", "span(-1)", "Shorter"),
    Action("history-metric", "m", "Another metric", "Any of the catalogue", "Dialogs", "history", "metric", "Metric"),
    Action("line-before", "left,h", "The node before", "Its line on top", "Dialogs", "history", "turn(-1)"),
    Action("next-line", "right,l", "The next node", "Its line on top", "Dialogs", "history", "turn(1)", "Node"),
    Action("model-before", "left,h", "The model before", "Compare with the model before this one",
        "Dialogs", "side-by-side", "turn(-1)", "Before"),
    Action("next-model", "right,l", "The next model", "Compare with the model after this one",
        "Dialogs", "side-by-side", "turn(1)", "Next"),
    Action("node-before", "left,h", "The node before", "To the node before this one",
        "Dialogs", "node", "turn(-1)", "Before"),
    Action("next-node", "right,l", "The next node", "To the node after this one", "Dialogs", "node", "turn(1)", "Next"),
    Action("sessions", "S", "Sessions", "What the sessions of the node's database do, and who blocks whom",
        "Dialogs", "node", "sessions", "Sessions", needs_cluster=True),
    Action("top-sql", "t", "Top SQL", "Ask the node's database for the statements that took most of its time",
        "Dialogs", "node", "top_sql", "Top SQL", needs_cluster=True),
    Action("refresh", "r", "Refresh", "Ask the database again",
        "Dialogs", "sessions", "refresh", "Refresh"),
    Action("kill-session", "x,delete", "Kill this session", "End the session under the cursor; asks first",
        "Dialogs", "sessions", "kill", "Kill", needs_write=True, needs_cluster=True),
    Action("prepare-load", "f5", "Prepare the tables",
        "Make what the benchmark needs on the nodes; what is there is kept",
        "Dialogs", "workload", "prepare", "Prepare"),
    Action("start-load", "f6", "Start the load", "Start the clients as chosen",
        "Dialogs", "workload", "start", "Start"),
    Action("stop-load", "f8", "Stop this load", "Stop the clients, or the preparing, under the cursor",
        "Dialogs", "workload", "stop", "Stop"),
    Action("stop-every-load", "f9", "Stop every load", "Stop all clients and all preparing",
        "Dialogs", "workload", "stop_all"),
    Action("other-figures", "ctrl+t", "Other figures", "The charts show the next figures of the benchmarks",
        "Dialogs", "workload", "turn_charts", "Charts"),
    Action("next-field", "enter", "Next field", "On from a field or a list; on a button, press it",
        "Dialogs", "field", "app.focus_next"),
    Action("choice-before", "left,h", "The choice before", "In a field with arrows", "Dialogs", "select", "turn(-1)"),
    Action("next-choice", "right,l,space", "The next choice", "In a field with arrows", "Dialogs", "select", "turn(1)"),
    Action("list-up", "up", "Up in the list", "While the filter keeps the focus",
        "Dialogs", "filter", "list('move', -1)"),
    Action("list-down", "down", "Down in the list", "While the filter keeps the focus",
        "Dialogs", "filter", "list('move', 1)"),
    Action("list-page-up", "pageup", "Page up in the list", "While the filter keeps the focus",
        "Dialogs", "filter", "list('page', -1)"),
    Action("list-page-down", "pagedown", "Page down in the list", "While the filter keeps the focus",
        "Dialogs", "filter", "list('page', 1)"),
    Action("submit", "ctrl+s", "Do it", "Press the dialog's main button, which is the highlighted one",
        "Dialogs", "form", "submit", "Do it"),
)
# fmt: on

BY_ID = {action.id: action for action in ACTIONS}
OF_APP: tuple[Scope, ...] = ("main", "collect", "everywhere", "live", "replay")
"""The scopes whose actions the app does, wherever they are called."""


def bindings(*scopes: Scope) -> list[BindingType]:
    """The keys of these scopes, for a class's BINDINGS; actions of the app go through its gate."""
    return [
        Binding(
            action.keys,
            f"app.perform('{action.id}')" if action.scope in OF_APP else action.textual_action,
            action.footer or action.title,
            show=bool(action.footer),
            tooltip=action.what,
            id=action.id,
            priority=action.scope == "everywhere",
        )
        for action in ACTIONS
        if action.scope in scopes
    ]


def _ignore(_note: str) -> None:
    """Nothing to do."""


# The ids that earlier releases had; read for one release.
_RENAMED = {"relearn": "reset-baseline"}


def user_keys(path: Path | None = None, note: Callable[[str], None] | None = None) -> dict[str, str]:
    """The user's own keys by action, from `keymap.yaml` in the configuration directory; empty without one.

    Args:
        note: called with a sentence about each id of an earlier release.

    Raises:
        ConfigError: it is malformed, or names an action that does not exist.
    """
    path = path or places.config_dir() / "keymap.yaml"
    if not path.is_file():
        return {}
    written: dict[str, str] = loader.load(path, dict[str, str])
    for old in written.keys() & _RENAMED.keys():
        (note or _ignore)(f"{path}: {old} is called {_RENAMED[old]} now")
    keys = {_RENAMED.get(name, name): value for name, value in written.items()}
    unknown = sorted(set(keys) - set(BY_ID))
    if unknown:
        raise ConfigError(
            f"no action is called {', '.join(map(repr, unknown))}",
            where=str(path),
            hint=f"the actions are: {', '.join(BY_ID)}",
        )
    empty = sorted(name for name, value in keys.items() if not value.strip())
    if empty:
        raise ConfigError(f"no key is given for {', '.join(empty)}", where=str(path), hint="for instance: inject: f5")
    if clash := next(clashes(keys), None):
        raise ConfigError(clash, where=str(path), hint="give one of them another key")
    return keys


# Scopes whose keys are pressed at the same place.
_TOGETHER: tuple[frozenset[Scope], ...] = (
    frozenset({"everywhere", "main", "collect", "replay", "list", "table", "wall"}),
    frozenset({"everywhere", "main", "collect", "live", "list", "table", "wall"}),
    frozenset({"everywhere", "dialog", "injections", "list", "table"}),
    frozenset({"everywhere", "dialog", "form", "list", "checklist", "workload"}),
    frozenset({"everywhere", "dialog", "form", "field", "select", "workload"}),
    frozenset({"everywhere", "dialog", "form", "list", "checklist", "injection"}),
    frozenset({"everywhere", "dialog", "form", "field", "injection"}),
    frozenset({"everywhere", "dialog", "runs", "experiments", "experiment", "list", "table"}),
    frozenset({"everywhere", "dialog", "dataset", "collect", "list", "table"}),
    frozenset({"everywhere", "dialog", "advice"}),
    frozenset({"everywhere", "dialog", "form", "training", "list", "select"}),
    frozenset({"everywhere", "dialog", "models", "list", "table"}),
    frozenset({"everywhere", "dialog", "filter"}),
    frozenset({"everywhere", "dialog", "incidents", "list", "table"}),
    frozenset({"everywhere", "dialog", "graph"}),
    frozenset({"everywhere", "dialog", "node"}),
    frozenset({"everywhere", "dialog", "history"}),
    frozenset({"everywhere", "dialog", "side-by-side"}),
    frozenset({"everywhere", "dialog", "sessions", "list", "table"}),
    frozenset({"everywhere", "dialog", "heat-map", "list", "table"}),
)


def clashes(keys: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with these keys of the operator's: two actions on one key in the same place, in words."""
    for scopes in _TOGETHER:
        taken: dict[str, str] = {}
        for action in ACTIONS:
            for key in keys.get(action.id, action.keys).split(",") if action.scope in (*scopes, "copy") else ():
                other = taken.setdefault(key.strip(), action.id)
                if other != action.id:
                    yield f"{key.strip()} is the key of both {other} and {action.id}"
