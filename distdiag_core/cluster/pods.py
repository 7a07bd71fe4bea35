"""The pod of a node: by its name, or found anew by its labels each time it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from distdiag_core.cluster.kubectl import Kubectl
from distdiag_core.cluster.link import AccountRefusedError, Connector
from distdiag_core.cluster.shell import Shell
from distdiag_core.errors import DataError, DistdiagError, UnreachableError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.kubernetes_settings import KubernetesSettings

_ENDED = frozenset({"Succeeded", "Failed"})


class ControlShell(Shell, Connector, Protocol):
    """The interface of a shell on the host of kubectl, with its connection."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A running pod; `ip` is empty where it has none yet."""

    name: str
    uid: str
    ip: str


class PodAccess:
    """Access to the pod of one node by kubectl.

    Attributes:
        control: the shell on the host that kubectl runs on.
    """

    def __init__(self, node: NodeSettings, settings: KubernetesSettings, control: ControlShell) -> None:
        self.node, self.settings, self.control = node, settings, control
        self.kubectl = Kubectl(control, settings)

    async def find(self) -> Pod:
        """The pod, as the API server has it now.

        Raises:
            AccountRefusedError: the account of kubectl may not do that.
            UnreachableError: there is none that runs; why.
        """
        try:
            return running(await self.kubectl.items(*query(self.node)), self.node, self.settings)
        except DistdiagError as error:
            raise unreachable(error) from error


def unreachable(error: DistdiagError) -> UnreachableError:
    """The error of kubectl as that of a connection; one that will not pass soon is tried again less often."""
    if isinstance(error, UnreachableError):
        return error
    kind = AccountRefusedError if isinstance(error, UnsupportedError) else UnreachableError
    return kind(error.what, where=error.where, hint=error.hint)


def query(node: NodeSettings) -> tuple[str, ...]:
    """The arguments of `kubectl get` that find the pod of `node`."""
    if node.pod_selector is not None:
        return ("pods", f"--selector={node.pod_selector}")
    return ("pods", f"--field-selector=metadata.name={node.pod}")


def running(found: Sequence[Mapping[str, Any]], node: NodeSettings, settings: KubernetesSettings) -> Pod:
    """The one pod of `found` that runs, or is about to.

    Raises:
        UnreachableError: there is none, or more than one; or its container does not run.
        DataError: its description makes no sense.
    """
    wanted = node.pod_selector if node.pod_selector is not None else node.pod
    try:
        alive = [each for each in found if not _over(each)]
        if len(alive) != 1:
            raise _not_one(len(alive), len(found), f"{wanted} in the namespace {settings.namespace}")
        metadata, status = alive[0]["metadata"], alive[0].get("status", {})
        if reason := _not_running(alive[0], settings):
            raise UnreachableError(reason)
        return Pod(metadata["name"], metadata.get("uid", ""), status.get("podIP", ""))
    except (LookupError, TypeError, AttributeError) as error:
        raise DataError(f"the description of the pod {wanted} makes no sense: {error}") from error


def _over(pod: Mapping[str, Any]) -> bool:
    """Whether it ends, or has ended, so that another may stand in its place."""
    return "deletionTimestamp" in pod["metadata"] or pod.get("status", {}).get("phase") in _ENDED


def _not_one(alive: int, found: int, wanted: str) -> UnreachableError:
    if alive:
        return UnreachableError(f"{alive} pods are {wanted}", hint="narrow the node's pod_selector down to one pod")
    if found:
        return UnreachableError(f"the pod {wanted} has ended or is being deleted, and no other is there yet")
    return UnreachableError(
        f"no pod is {wanted}", hint="correct kubernetes.namespace, or the pod or pod_selector of the node"
    )


def _not_running(pod: Mapping[str, Any], settings: KubernetesSettings) -> str:
    """Why nothing can be run in its container; empty where it runs."""
    name, status = pod["metadata"]["name"], pod.get("status", {})
    names = [each["name"] for each in pod["spec"]["containers"]]
    if settings.container not in names:
        return f"the pod {name} has no container {settings.container}, but {', '.join(names)}"
    states = {each["name"]: each.get("state", {}) for each in status.get("containerStatuses", ())}
    for state in ("waiting", "terminated"):
        if (found := states.get(settings.container, {}).get(state)) is not None:
            return (
                f"the container {settings.container} of the pod {name} is {state}: {found.get('reason', 'no reason')}"
            )
    phase = status.get("phase", "unknown")
    return "" if phase == "Running" else f"the pod {name} does not run, but is {phase}"
