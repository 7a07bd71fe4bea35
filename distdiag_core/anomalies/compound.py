"""Compound injections: several anomalies in one act, each with its own nodes, severity, start offset and duration."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from distdiag_core.anomalies import rules
from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import InjectionRequest, Plan
    from distdiag_core.cluster.inventory import ClusterSettings


@dataclass(frozen=True, slots=True)
class CompoundPart:
    """One anomaly of a compound injection.

    Attributes:
        offset_s: from the begin of the whole to the begin of this anomaly.
    """

    request: InjectionRequest
    offset_s: float = 0.0

    @property
    def end_s(self) -> float:
        """The planned end, from the begin of the whole."""
        return self.offset_s + self.request.duration_s


@dataclass(frozen=True, slots=True)
class CompoundRequest:
    """The anomalies of a compound injection, in the order of their start offsets.

    Attributes:
        name: of the preset that it was made from; empty for none.
    """

    parts: tuple[CompoundPart, ...]
    name: str = ""

    @classmethod
    def of(cls, *requests: InjectionRequest) -> CompoundRequest:
        """These injections, all begun together."""
        return cls(tuple(map(CompoundPart, requests)))

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes, each once."""
        return tuple(dict.fromkeys(node for part in self.parts for node in part.request.nodes))

    @property
    def length_s(self) -> float:
        """From the begin of the whole to the end of its last anomaly, as planned."""
        return max((part.end_s for part in self.parts), default=0.0)


@dataclass(frozen=True, slots=True)
class CompoundPlan:
    """The commands of a compound injection, a plan for each of its parts, for the operator to confirm.

    Attributes:
        id: ties the audit records of its parts to that of the whole.
    """

    request: CompoundRequest
    plans: tuple[Plan, ...]
    id: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all its injections."""
        return tuple(step.id for plan in self.plans for step in plan.steps)

    @property
    def most_at_once(self) -> tuple[str, ...]:
        """The nodes that have an anomaly at the moment when most have one."""
        parts = self.request.parts
        found = [sorted({node for each in _beside(part, parts) for node in each.request.nodes}) for part in parts]
        return tuple(sorted(found, key=len)[-1])


def complete(request: CompoundRequest, cluster: ClusterSettings, catalogue: AnomalyCatalogue) -> CompoundRequest:
    """The request by start offset, with all nodes where a part names none and the scope of its anomaly is the cluster.

    Raises:
        ConfigError: it has no part, an unknown anomaly, or an impossible start offset.
    """
    if not request.parts:
        raise ConfigError("no anomaly is named", hint="`distdiag inject --dry-run` shows what a request comes to")
    for part in request.parts:
        if not (math.isfinite(part.offset_s) and part.offset_s >= 0):
            raise ConfigError(f"the start offset must be 0 s or more, not {part.offset_s:g} s")
    parts = (
        replace(
            part,
            request=rules.with_default_nodes(part.request, rules.anomaly_of(part.request, catalogue), cluster),
        )
        for part in request.parts
    )
    return replace(request, parts=tuple(sorted(parts, key=lambda part: part.offset_s)))


def check(
    request: CompoundRequest,
    cluster: ClusterSettings,
    catalogue: AnomalyCatalogue,
    active: Iterable[Injection] = (),
    silent: Collection[str] = (),
) -> None:
    """Hold every part of a complete request against the rules, beside what is active and its parts that go on then.

    Raises:
        ConfigError: a part is invalid, or two are the same anomaly on one node at one time.
        RefusedError: a rule forbids a part, alone or together with the others.
    """
    for part in request.parts:
        rules.anomaly_of(part.request, catalogue)
        rules.check_request(part.request, cluster)
    for first, second in combinations(request.parts, 2):
        _check_apart(first, second)
    active = tuple(active)
    for at, part in enumerate(request.parts):
        beside = (injection for other in _beside(part, request.parts[:at]) for injection in _as_active(other))
        rules.check_state(part.request, cluster, catalogue, (*active, *beside), silent)


def _check_apart(first: CompoundPart, second: CompoundPart) -> None:
    both = set(first.request.nodes) & set(second.request.nodes)
    together = second.offset_s < first.end_s and first.offset_s < second.end_s
    if both and together and first.request.anomaly == second.request.anomaly:
        raise ConfigError(f"it is named twice for {', '.join(sorted(both))} at one time", where=first.request.anomaly)


def _beside(part: CompoundPart, others: Iterable[CompoundPart]) -> Iterator[CompoundPart]:
    """The parts that have begun and not ended when `part` begins."""
    return (other for other in others if other.offset_s <= part.offset_s < other.end_s)


def _as_active(part: CompoundPart) -> Iterator[Injection]:
    for node in part.request.nodes:
        yield Injection("", part.request.anomaly, node, part.request.severity, InjectionState.ACTIVE, 0.0, 0.0, "")
