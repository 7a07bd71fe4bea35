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
    """One step that was reached while the lab comes up or goes down; `node` is empty for steps of the whole lab."""

    step: str
    node: str = ""
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        """One line fit for the operator."""
        count = f"[{self.done}/{self.total}] " if self.total else ""
        return f"{count}{self.node + ': ' if self.node else ''}{self.step}"


Progress = Callable[[LabProgress], None]


@dataclass(frozen=True, slots=True)
class LabNode:
    """One node of the lab: whether it runs, and whether it answers."""

    name: str
    host: str
    sql_port: int
    running: bool
    ssh: bool
    sql: bool

    @property
    def healthy(self) -> bool:
        """Whether it can be used."""
        return self.running and self.ssh and self.sql

    def __str__(self) -> str:
        """One line fit for the operator."""
        if self.healthy:
            return f"{self.name}  {self.host}  up"
        if not self.running:
            return f"{self.name}  {self.host}  not running"
        silent = " and ".join(name for name, answers in (("ssh", self.ssh), ("sql", self.sql)) if not answers)
        return f"{self.name}  {self.host}  runs, but {silent} does not answer"


@dataclass(frozen=True, slots=True)
class LabStatus:
    """The lab on this machine; `losses` says in words what a complete lab has and this one does not."""

    kind: LabKind
    nodes: tuple[LabNode, ...] = ()
    losses: tuple[str, ...] = ()
    cluster_file: Path | None = None

    @property
    def healthy(self) -> bool:
        """Whether it is there and every node can be used."""
        return bool(self.nodes) and all(node.healthy for node in self.nodes)
