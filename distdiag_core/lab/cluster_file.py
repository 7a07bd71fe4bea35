"""The cluster file `lab`, by which distdiag treats the lab as any other cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_core import places
from distdiag_core.settings import yaml_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HEAD = """\
# Written by `distdiag lab up`, removed by `distdiag lab down`: what is changed here does not last.
"""


def path() -> Path:
    """The path of the cluster file."""
    return places.clusters_dir() / "lab.yaml"


def write(
    ssh: dict[str, Any], sql: dict[str, Any], nodes: list[dict[str, Any]], sources: Sequence[str] = ("host", "sysstat")
) -> Path:
    """Write the cluster file, whole or not at all."""
    # The lab exists for injections, so every anomaly is allowed on all nodes.
    protect = {"allow": ["node_hang", "node_down"], "max_nodes": len(nodes)}
    data = {
        "name": "lab", "production": False, "read_only": False, "tenant": "sys", "interval_s": 1.0,
        "sources": list(sources),
        "ssh": ssh, "sql": sql, "protect": protect, "nodes": nodes,
    }  # fmt: skip
    path().parent.mkdir(parents=True, exist_ok=True)
    unfinished = path().with_suffix(".new")
    unfinished.write_text(_HEAD + yaml_document.dump(data), encoding="utf-8")
    unfinished.rename(path())
    return path()


def remove() -> None:
    """Remove the cluster file, where there is one."""
    path().unlink(missing_ok=True)
