"""Back in time while a cluster is watched: the replay of the recording that is being written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from distdiag_tui.console.operation import Operation
from distdiag_tui.operations.incident_records import recording_path

if TYPE_CHECKING:
    from distdiag_core.replay.replay import Replay
    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.console.console import Console

# Without an incident that goes on, so much of the past is ahead.
_BACK_S = 60.0
# How an incident began is seen from a little before its onset.
_BEFORE_ONSET_S = 5.0


def look_back(console: Console, onset_s: float | None = None) -> None:
    """Stand still at a moment of the past of this run, from where keys lead on; called again, return to the present.

    Args:
        onset_s: of the incident that is to be seen; None for the one that goes on, without one a minute ago.
    """
    if console.looks_back:
        console.come_back()
        return
    path, view = recording_path(console), console.view
    if path is None or view is None:
        console.report("nothing is recorded, so that there is no past to see", "warning")
        return
    incident = view.snapshot.incident
    if onset_s is None and incident is not None:
        onset_s = incident.onset_s
    _show_past(console, path, view.snapshot.frame.time_s - _BACK_S if onset_s is None else onset_s - _BEFORE_ONSET_S)


def look_back_service(console: Console) -> None:
    """Stand still a minute ago in what `distdiag record` records of this cluster; called again, return."""
    if console.looks_back:
        console.come_back()
        return
    if (view := console.view) is None:
        return
    from distdiag_core.recording import recorder_lock

    running = recorder_lock.running(view.snapshot.cluster.name)
    if running is None:
        console.report(
            "`distdiag record` does not record this cluster now; `distdiag replay` shows ended runs", "warning"
        )
        return
    _show_past(console, Path(running.recording), view.snapshot.frame.time_s - _BACK_S)


def _show_past(console: Console, path: Path, start_s: float) -> None:
    # Not at the start of the program: the first paint would wait for it.
    from distdiag_core.runtime.thread import CoreThread

    console.look_back(CoreThread(lambda: new_replay(path, start_s=start_s, paused=True)))


def see_onset(console: Console, onset_s: float) -> None:
    """Show how an incident began: in the past of the cluster, or in the recording that is replayed already."""
    console.close_dialogs()
    if console.view is None or console.view.snapshot.replay is None:
        look_back(console, onset_s)
        return

    def go(runtime: Operations) -> None:
        if runtime.playback is not None:
            runtime.playback.go_to_time(onset_s - _BEFORE_ONSET_S)

    console.perform(Operation[Any]("replay", "going back to the onset", lambda _: None, while_running="beside"), go)


def new_replay(path: Path, *, start_s: float | None = None, paused: bool = False) -> Replay:
    """A recording as a core, with the model in use."""
    from distdiag_core.models import model_registry
    from distdiag_core.recording.reader import Recording
    from distdiag_core.replay.replay import Replay

    with Recording(path) as recording:
        metrics = recording.meta.catalogue.names
    model, why = model_registry.load_if_usable(metrics)
    return Replay(path, model=model, problems=(why,) if why else (), paused=paused, start_s=start_s)
