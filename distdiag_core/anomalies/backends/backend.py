"""What every way to make trouble has in common, whether on hosts or by Chaos Mesh on Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from distdiag_core.anomalies.injection import Injection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.anomalies.catalogue import Anomaly
    from distdiag_core.anomalies.injection import InjectionRequest, Step
    from distdiag_core.cluster.inventory import NodeSettings

# What was there before, and what is still there.
Cleared = tuple[tuple[Injection, ...], tuple[Injection, ...]]


class Backend(Protocol):
    """A place that keeps the injections of one node or of several, makes them, and ends them.

    Any of its methods raises `UnreachableError` where the place cannot be asked.

    Attributes:
        place: as the operator is told of it: the node, or what stands for all of them.
        unasked: what kept us from being told of all that is there, the last time it was asked; empty where nothing did.
    """

    place: str
    unasked: str

    async def plan(self, request: InjectionRequest, anomaly: Anomaly, node: NodeSettings, name: str) -> Step:
        """What will run on `node` for an injection called `name`; nothing is changed anywhere.

        Raises:
            UnsupportedError: it can be done there in no way; why is said for each.
        """

    async def start(self, step: Step, request: InjectionRequest, owner: str) -> None:
        """Begin the trouble, which then ends by itself, and prove its effect.

        Raises:
            CommandFailedError: it could not be begun, or had no effect.
        """

    async def list(self) -> tuple[Injection, ...]:
        """Those that are there now, whoever began them."""

    async def clear(self, ids: Iterable[str]) -> Cleared:
        """End these, and bar those that are not there from ever beginning.

        Returns:
            All that were there before, and all that are still there.
        """

    async def clear_all(self, expected: Iterable[str] = ()) -> Cleared:
        """End all, and bar those that are `expected` but not there yet; those before, and those still there."""
