"""Anomalies made to happen: what was asked, what exactly will be done, and what is active."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")


class InjectionState(StrEnum):
    """The life of an injection, from the proof of its effect to the proof that it is gone.

    Before that it is a `Plan`; one that fails is undone, and is an error.
    """

    ACTIVE = "active"
    CLEARING = "clearing"
    CLEARED = "cleared"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class InjectionRequest:
    """One anomaly wanted on some nodes, at a severity, for a time."""

    anomaly: str
    nodes: tuple[str, ...]
    severity: Severity
    duration_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """What will run on one node.

    Attributes:
        commands: one after the other; if it `lasts`, the last one goes on until it is ended.
        undo: what takes back that which ending the processes does not.
        id: of the injection that it will be.
        check, gone: commands that succeed when the effect is there, and when nothing is left of it.
        files: programs of ours that the node needs, by their names in the `node` directory.
        account: it needs the database account.
        sudo: it is done as root, by sudo.
        manifest: YAML that the first command reads.
        patience_s: how long the effect may take to show.
    """

    node: str
    method: str
    commands: tuple[str, ...]
    undo: tuple[str, ...]
    id: str = ""
    lasts: bool = False
    check: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    account: bool = False
    sudo: bool = False
    manifest: str = ""
    patience_s: int = 15


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what a request comes to; this is what the operator is shown and asked about.

    Attributes:
        warnings: what the operator should know, such as an injection that is already active on a node.
    """

    request: InjectionRequest
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Injection:
    """One anomaly on one node, as its lease on that node says.

    Attributes:
        started_s, deadline_s: seconds since the epoch, on this machine's clock.
        owner: who asked for it: user@host.
        detail: why it failed or is an orphan; how its effect was proved.
    """

    id: str
    anomaly: str
    node: str
    severity: Severity
    state: InjectionState
    started_s: float
    deadline_s: float
    owner: str
    detail: str = ""


def not_cleared(injections: Iterable[Injection]) -> tuple[str, ...]:
    """Those that a clearing has not proved gone, each in words: only CLEARED is success."""
    return tuple(
        f"{each.id} ({each.anomaly}) on {each.node} is {each.state}"
        for each in injections
        if each.state is not InjectionState.CLEARED
    )
