"""The clusters of the console, between which the operator switches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from distdiag_tui.views.clusters import ClusterState


class ClusterSwitch(Protocol):
    """The clusters of the console: those that are open, and those that can be."""

    def states(self) -> tuple[ClusterState, ...]:
        """Every cluster as it is now."""

    def troubles(self, but: str) -> tuple[tuple[str, str], ...]:
        """The name and the newest trouble of each open cluster that has one, `but` that of this name."""

    def show(self, name: str) -> None:
        """Put a cluster on the screen, as it was left; open it first where it is closed."""

    def show_next(self) -> None:
        """Put the next open cluster on the screen, after the last one the first."""

    def open(self, name: str) -> None:
        """Sample and diagnose a cluster; a failure is reported and listed."""

    def close(self, name: str) -> None:
        """End the core of a cluster; the last one that is open stays."""
