"""Whether an action is allowed now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.actions.action import Action

# What can be done before the first tick.
_HARMLESS = ("help", "quit", "palette", "screenshot", "suspend", "next-cluster", "close")


def has_place(action: Action, snapshot: Snapshot | None) -> bool:
    """Whether the keys of a screen name an action: in a replay and a simulation not those that need a cluster."""
    return snapshot is None or not snapshot.stand_in or not action.needs_cluster


def why_refused(action: Action, snapshot: Snapshot | None, *, looks_back: bool) -> str:
    """Why an action is not allowed at this tick; empty where it is.

    Args:
        looks_back: the tick is of the past of a cluster that is watched.
    """
    if snapshot is None:
        harmless = action.group == "Move" or action.id in _HARMLESS
        return "" if harmless else "the core is still starting"
    if not has_place(action, snapshot):
        past = "this is the past, from which b leads back"
        return past if looks_back else f"this is {snapshot.stand_in}, where no node can be asked or changed"
    if snapshot.replay is None and action.scope == "replay":
        return "this is no replay of a recording"
    if snapshot.replay is not None and action.id in ("look-back", "service-past") and not looks_back:
        return "this is a replay, all of which is past"
    if action.needs_write and snapshot.cluster.read_only:
        return f"{snapshot.cluster.name} is read-only (read_only in its cluster file, or --read-only)"
    return ""
