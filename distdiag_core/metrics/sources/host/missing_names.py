"""Names of the cluster file that a node does not have, so that metrics are unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class WatchedNames:
    """The disk and the network interface that the cluster file names for a node; None where it names none."""

    device: str | None = None
    data_dir: str | None = None
    interface: str | None = None

    def missing(self, values: Mapping[str, float], found_device: str) -> tuple[str, ...]:
        """Notes about the names without metrics in `values`, one for each.

        Args:
            values: a reading of the source.
            found_device: the disk under `data_dir` as the node names it; empty where the directory does not exist.
        """
        notes = []
        if not any(key.startswith("disk.") for key in values):
            if self.device:
                notes.append(f"device: the node has no disk {quoted(self.device)}; its disk metrics are unknown")
            elif self.data_dir and not found_device:
                notes.append(
                    f"data_dir: the node has no directory {quoted(self.data_dir)}; its disk metrics are unknown"
                )
            elif self.data_dir:
                under = f"{quoted(self.data_dir)} lies on {quoted(found_device)}, which is no disk of the node"
                notes.append(f"data_dir: {under}; its disk metrics are unknown until device names one")
        if self.interface and not any(key.startswith("network.") for key in values):
            notes.append(f"interface: the node has no {quoted(self.interface)}; its network metrics are unknown")
        return tuple(notes)
