"""The recordings of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.recording.retention import SUFFIX

if TYPE_CHECKING:
    from pathlib import Path


def newest(cluster: str) -> Path:
    """The newest recording of a cluster.

    Raises:
        ConfigError: there is none.
    """
    directory = places.recordings_dir()
    # The name ends with the time of its begin; the name of another cluster may begin like this one.
    found = [path for path in directory.glob(f"{cluster}-*{SUFFIX}") if path.stem.rpartition("-")[0] == cluster]
    if not found:
        raise ConfigError(
            f"there is no recording of the cluster {cluster}",
            where=str(directory),
            hint="the console writes one, and so does `distdiag watch --record`; --recording FILE names another",
        )
    return max(found, key=lambda path: path.stem)
