"""The interface of an injection backend, and the registry of backends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from distdiag_core.settings.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from distdiag_core.anomalies.catalogue import Anomaly
    from distdiag_core.anomalies.injection import InjectionRequest, Step
    from distdiag_core.anomalies.listing import Cleared, Listing
    from distdiag_core.cluster.account import SqlAccount
    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.cluster.sections import Section
    from distdiag_core.cluster.shell import Shell


class Backend(Protocol):
    """A place that keeps the injections of one node or of several: it starts, lists and ends them.

    Any of its methods raises `UnreachableError` where the place cannot be asked.

    Attributes:
        place: its name for the operator: the node's, or one for all nodes.
    """

    place: str

    async def plan(self, request: InjectionRequest, anomaly: Anomaly, node: NodeSettings, name: str) -> Step:
        """The commands on `node` for an injection called `name`; nothing is changed anywhere.

        Raises:
            UnsupportedError: no method is possible there; the reason is given for each.
        """

    async def start(self, step: Step, request: InjectionRequest, owner: str, listing: Listing) -> None:
        """Start an injection, which then ends by itself, and prove its effect.

        Args:
            listing: of this place, from before; a request that is held up since then for too long starts nothing.

        Raises:
            CommandFailedError: it could not be started, or had no effect.
        """

    async def list(self) -> Listing:
        """The injections at this place now, also those of other consoles."""

    async def clear(self, ids: Iterable[str]) -> Cleared:
        """End these injections, and bar those that are not there from ever starting."""

    async def clear_all(self, expected: Iterable[str] = ()) -> Cleared:
        """End all injections, and bar those that are `expected` but not there yet."""


@dataclass(frozen=True, slots=True)
class BackendContext:
    """What the backends of a cluster are made from.

    Attributes:
        shells, accounts: by node.
        control_host: the shell of the further host that the kind of backend asks for; None where it asks for none.
        lease_directory: where nodes keep leases; empty for the usual place.
    """

    cluster: ClusterSettings
    shells: Mapping[str, Shell]
    accounts: Mapping[str, SqlAccount]
    control_host: Shell | None
    lease_directory: str


def _no_control_host(_cluster: ClusterSettings) -> None:
    """Ask for no further host."""


@dataclass(frozen=True, slots=True)
class BackendKind:
    """A kind of backend, as its module registers it.

    Attributes:
        name: in `backend:` of a cluster file.
        summary: how it injects, in a few words that follow its name.
        make: by node, the backend that keeps its injections; nodes may share one.
        control_host: a further host that has to be reached, beside the nodes.
        section: of the cluster file, for settings of this kind.
    """

    name: str
    summary: str
    make: Callable[[BackendContext], dict[str, Backend]]
    control_host: Callable[[ClusterSettings], NodeSettings | None] = _no_control_host
    section: Section | None = None


BACKENDS: Registry[BackendKind] = Registry(
    "backend", package="distdiag_core.anomalies.backends", module="backend", group="distdiag.injection_backends"
)


def control_host_of(cluster: ClusterSettings) -> NodeSettings | None:
    """The further host that the backend of this cluster needs."""
    return BACKENDS.get(cluster.backend).control_host(cluster)


def backends_of(context: BackendContext) -> dict[str, Backend]:
    """By node, the backend that keeps its injections."""
    return BACKENDS.get(context.cluster.backend).make(context)
