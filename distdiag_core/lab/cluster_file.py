"""The cluster file `lab`: what makes the lab a cluster like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_core import places
from distdiag_core.settings import yaml_document

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = """\
# Written by `distdiag lab up`, removed by `distdiag lab down`: what is changed here does not last.
"""


def path() -> Path:
    """Where it is."""
    return places.clusters_dir() / "lab.yaml"


def write(ssh: dict[str, Any], sql: dict[str, Any], nodes: list[dict[str, Any]]) -> Path:
    """Write it, whole or not at all."""
    # Nobody depends on it, and it is there to be hurt.
    protect = {"allow": ["node_hang", "node_down"], "max_nodes": len(nodes)}
    data = {
        "name": "lab", "production": False, "read_only": False, "tenant": "sys", "interval_s": 1.0,
        "ssh": ssh, "sql": sql, "protect": protect, "nodes": nodes,
    }  # fmt: skip
    path().parent.mkdir(parents=True, exist_ok=True)
    unfinished = path().with_suffix(".new")
    unfinished.write_text(_HEAD + yaml_document.dump(data), encoding="utf-8")
    unfinished.rename(path())
    return path()


def remove() -> None:
    """Remove it, if it is there."""
    path().unlink(missing_ok=True)
