"""The status of the lab and of its nodes, and its progress while it comes up or goes down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LabKind(Enum):
    """The kind of lab: complete, or loopback."""

    ABSENT = "absent"
    COMPLETE = "complete"
    LOOPBACK = "loopback"


@dataclass(frozen=True, slots=True)
class LabProgress:
    """A completed step while the lab comes up or goes down; `node` is empty for steps of the whole lab."""

    step: str
    node: str = ""
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        """The line for the operator."""
        count = f"[{self.done}/{self.total}] " if self.total else ""
        return f"{count}{self.node + ': ' if self.node else ''}{self.step}"


Progress = Callable[[LabProgress], None]


@dataclass(frozen=True, slots=True)
class LabNode:
    """The status of one node of the lab: whether it runs, and whether SSH and SQL answer."""

    name: str
    host: str
    sql_port: int
    running: bool
    ssh: bool
    sql: bool

    @property
    def healthy(self) -> bool:
        """Whether the node runs and answers."""
        return self.running and self.ssh and self.sql

    def __str__(self) -> str:
        """The line for the operator."""
        if self.healthy:
            return f"{self.name}  {self.host}  up"
        if not self.running:
            return f"{self.name}  {self.host}  not running"
        silent = " and ".join(name for name, answers in (("ssh", self.ssh), ("sql", self.sql)) if not answers)
        return f"{self.name}  {self.host}  runs, but {silent} does not answer"


@dataclass(frozen=True, slots=True)
class LabStatus:
    """The status of the lab; `losses` are its limitations compared with a complete lab, in words."""

    kind: LabKind
    nodes: tuple[LabNode, ...] = ()
    losses: tuple[str, ...] = ()
    cluster_file: Path | None = None

    @property
    def healthy(self) -> bool:
        """Whether there is a lab whose nodes are all healthy."""
        return bool(self.nodes) and all(node.healthy for node in self.nodes)
