"""From one cluster to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.screens.clusters import ClustersScreen

if TYPE_CHECKING:
    from distdiag_tui.console.console import Console


def open_clusters(console: Console) -> None:
    """Open the list of clusters."""
    console.push_screen(ClustersScreen())


def show_next_cluster(console: Console) -> None:
    """Put the next open cluster on the screen."""
    console.shell.clusters.show_next()
