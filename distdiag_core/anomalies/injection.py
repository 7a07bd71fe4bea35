"""The values around an injection: the request, the plan with a step for each node, and the injection itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")


def severity_of(text: str) -> Severity:
    """The severity of that name; the highest where a damaged injection gives none."""
    return next((severity for severity in SEVERITIES if severity == text), "high")


class InjectionState(StrEnum):
    """The state of an injection as its node lists it; before that it is a `Plan`, and one that fails is an error."""

    ARMING = "arming"
    ACTIVE = "active"
    CLEARING = "clearing"
    CLEARED = "cleared"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class InjectionRequest:
    """A request to inject one anomaly into some nodes, at a severity, for a time."""

    anomaly: str
    nodes: tuple[str, ...]
    severity: Severity
    duration_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """The part of a plan that concerns one node.

    Attributes:
        method: name of the method of the anomaly.
        commands: run one after the other; if it `lasts`, the last one runs until the injection ends.
        undo: commands that revert what ending the processes does not.
        id: of the injection.
        check, gone: commands that succeed when the effect is there, and when nothing is left of it.
        files: programs that are sent to the node, by their names in the `node` directory.
        account: the database account is sent along.
        sudo: run as root, by sudo.
        manifest: YAML that the first command reads.
        patience_s: how long the effect may take to show.
        unavailable_methods: the methods that would be preferred, each with what the node lacks for it.
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
    unavailable_methods: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The commands of a request on each of its nodes, for the operator to confirm.

    Attributes:
        warnings: for the operator, such as an injection that is already active on a node.
    """

    request: InjectionRequest
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Injection:
    """One anomaly on one node, as the node lists it.

    Attributes:
        started_s, deadline_s: seconds since the epoch, by the clock of this machine.
        owner: user@host of the console that started it.
        detail: by which method, and how far it is; of an orphaned one, the reason.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

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
