"""Sources of clusters: what a console can open, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_tui.core import Core


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSource:
    """A cluster that can be opened.

    Attributes:
        name: under which it is listed.
        where: its file, or what it is in place of a cluster; no two sources have the same.
        new_core: makes a core of it, which is not started yet.
    """

    name: str
    where: str
    new_core: Callable[[], Core]
    """Raises `DistdiagError` where the file is wrong."""
