"""Injections as objects of Chaos Mesh, for nodes that are pods: the API server keeps them, and there they end."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from distdiag_core.anomalies import manifest
from distdiag_core.anomalies.backend import BACKENDS, BackendKind
from distdiag_core.anomalies.backends.chaos_mesh import chaos_object, pod
from distdiag_core.anomalies.backends.chaos_mesh.chaos_object import ID, NODE, OURS, PAUSE_ANNOTATION, RESOURCES
from distdiag_core.anomalies.injection import InjectionState, Step
from distdiag_core.anomalies.listing import Cleared, Listing
from distdiag_core.cluster import pods
from distdiag_core.cluster.kubectl import Kubectl, kubectl_host
from distdiag_core.cluster.kubernetes_settings import PLACE, SECTION, KubernetesSettings
from distdiag_core.errors import CommandFailedError, UnsupportedError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.anomalies.backend import Backend, BackendContext
    from distdiag_core.anomalies.backends.chaos_mesh.chaos_object import ChaosObject
    from distdiag_core.anomalies.catalogue import Anomaly
    from distdiag_core.anomalies.injection import Injection, InjectionRequest
    from distdiag_core.anomalies.manifest import ChaosTemplate
    from distdiag_core.anomalies.template import Value
    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.cluster.shell import Shell

    # Each with its node.
    _Placed = tuple[tuple[ChaosObject, str], ...]

_SUMMARY = "by objects of Chaos Mesh, which has to be installed, on pods of a Kubernetes cluster"
# For Chaos Mesh to reach the pod.
_PATIENCE_S = 20
# For Chaos Mesh to recover the pod and to release the object.
_REMOVAL_S = 10
_KINDS = ",".join(RESOURCES.values())
# Why a value of a manifest is unknown.
_LACKING = {
    "processors": "its container has no limit of processors",
    "memory_mib": "its container has no limit of memory",
    "volume_path": "no volume of its container holds the data directory",
}


class ChaosMeshBackend:
    """The objects of Chaos Mesh in the namespace of the pods.

    Args:
        shell: of the host on which `kubectl` runs.
    """

    def __init__(self, shell: Shell, cluster: ClusterSettings, settings: KubernetesSettings) -> None:
        self.place = shell.node
        self._cluster = cluster
        self._settings = settings
        self._kubectl = Kubectl(shell, settings)

    async def plan(self, request: InjectionRequest, anomaly: Anomaly, node: NodeSettings, name: str) -> Step:
        """The object for the pod of `node`, and the commands that create and delete it."""
        template = anomaly.chaos_mesh
        if template is None:
            raise UnsupportedError(
                f"Chaos Mesh cannot make {anomaly.name}",
                where=node.name,
                hint="`backend: ssh` can, in a cluster file in which the node is a host that is reached by SSH",
            )
        # The answer is not used: it fails now where the kind is not installed, or may not be listed.
        await self._kubectl.items(RESOURCES[template.kind], f"--selector={OURS}")
        found = await self._kubectl.items(*pods.query(node))
        values = (template.severities or anomaly.severities)[request.severity] | {
            "id": name,
            "duration_s": math.ceil(request.duration_s),
            **({"data_dir": node.data_dir} if node.data_dir is not None else {}),
            **pod.facts(found, node, self._settings),
        }
        spec = {"mode": "all", "selector": pod.selector(node, self._settings), "duration": f"{values['duration_s']}s"}
        spec |= _spec(template, values, node.name)
        made = chaos_object.manifest(request, self._cluster.name, node.name, name, template.kind, spec)
        reference = f"{RESOURCES[template.kind]}/{made['metadata']['name']}"
        return Step(
            node=node.name,
            method=template.kind,
            commands=(
                self._kubectl.command("create", "--filename=-"),
                self._kubectl.command("annotate", reference, f"{PAUSE_ANNOTATION}-"),
            ),
            undo=(self._kubectl.command("delete", reference, "--wait=false", "--ignore-not-found"),),
            id=name,
            check=(self._waiting(reference, "--for=condition=AllInjected", within_s=_PATIENCE_S),),
            manifest=manifest.to_yaml(made),
        )

    async def start(self, step: Step, request: InjectionRequest, owner: str, listing: Listing) -> None:
        """Create the object, resume it, and wait until Chaos Mesh says that all of it is injected.

        Args:
            listing: not used: the object comes paused, so that one that arrives late does nothing.
        """
        await self._sweep(step.node)
        create, resume = step.commands
        deadline_s = time.time() + math.ceil(request.duration_s)
        made = chaos_object.owned(_read(step.manifest), owner, deadline_s)
        await self._kubectl.run(create, stdin=manifest.to_yaml(made))
        # Resumed by a second request: one that arrives after the object was cleared finds nothing.
        await self._kubectl.run(resume)
        try:
            await self._kubectl.run(*step.check, within_s=_PATIENCE_S)
        except CommandFailedError as error:
            why = next((found.progress() for found, _ in await self._ours() if found.id == step.id), str(error))
            raise CommandFailedError(why, where=f"{step.node}: {request.anomaly} by {step.method}") from error

    async def list(self) -> Listing:
        """The injections of the cluster now, without what Chaos Mesh keeps as a record of those that ended."""
        return Listing(_active(await self._ours(), time.time()))

    async def clear(self, ids: Iterable[str]) -> Cleared:
        """End these injections; one that is not there does nothing when it arrives, because it comes paused."""
        wanted = set(ids)
        found = await self._ours()
        return await self._cleared(found, tuple(each for each in found if each[0].id in wanted))

    async def clear_all(self, expected: Iterable[str] = ()) -> Cleared:
        """End all injections, and remove the records of those that ended."""
        found = await self._ours()
        return await self._cleared(found, found)

    async def _cleared(self, found: _Placed, doomed: _Placed) -> Cleared:
        before = _active(found, time.time())
        if not doomed:
            return Cleared(before, Listing(before))
        await self._delete(found for found, _ in doomed)
        ids = ",".join(sorted(found.id for found, _ in doomed))
        wait = self._waiting(_KINDS, f"--selector={ID} in ({ids})", "--for=delete", within_s=_REMOVAL_S)
        # It fails also where all is gone already; the listing below decides.
        with suppress(CommandFailedError):
            await self._kubectl.run(wait, within_s=_REMOVAL_S)
        names = {found.reference for found, _ in doomed}
        left = await self._ours()
        stuck = tuple(_stuck(found, node) for found, node in left if found.reference in names)
        others = tuple(each for each in left if each[0].reference not in names)
        return Cleared(before, Listing(_active(others, time.time()) + stuck))

    async def _sweep(self, node: str) -> None:
        """Delete the records of ended injections on `node`, which would accumulate."""
        now_s = time.time()
        await self._delete(found for found, its_node in await self._ours() if its_node == node and found.ended(now_s))

    async def _delete(self, doomed: Iterable[ChaosObject]) -> None:
        if references := [found.reference for found in doomed]:
            await self._kubectl.run(self._kubectl.command("delete", *references, "--wait=false", "--ignore-not-found"))

    def _waiting(self, *arguments: str, within_s: int) -> str:
        return self._kubectl.command("wait", *arguments, f"--timeout={within_s}s", waits=True)

    async def _ours(self) -> _Placed:
        """All objects of distdiag on pods of this cluster, each with its node."""
        found = map(chaos_object.read, await self._kubectl.items(_KINDS, f"--selector={OURS}"))
        return tuple((each, node) for each in found if (node := self._node_of(each)) is not None)

    def _node_of(self, found: ChaosObject) -> str | None:
        """The node of an object, which other cluster files may name differently; None for another cluster."""
        for node in self._cluster.nodes:
            if found.selector == pod.selector(node, self._settings):
                return node.name
        named = found.annotations.get(NODE)
        known = any(node.name == named for node in self._cluster.nodes)
        return named if known and found.annotations.get(chaos_object.CLUSTER) == self._cluster.name else None


def _spec(template: ChaosTemplate, values: Mapping[str, Value], node: str) -> dict[str, Any]:
    if missing := sorted(manifest.placeholders(template.spec) - set(values)):
        reasons = "; ".join(_LACKING.get(name, f"the cluster file does not give {name}") for name in missing)
        raise UnsupportedError(f"not by {template.kind}: {reasons}", where=node)
    spec: dict[str, Any] = manifest.filled(template.spec, values)
    return spec


def _read(text: str) -> dict[str, Any]:
    """The object of a plan that the operator has seen."""
    return loader.parse(text, dict[str, Any], where="the object of the plan")


def _active(placed: _Placed, now_s: float) -> tuple[Injection, ...]:
    return tuple(found.injection(node, now_s) for found, node in placed if not found.ended(now_s))


def _stuck(found: ChaosObject, node: str) -> Injection:
    now_s = time.time()
    late_s = now_s - (now_s if found.deleted_s is None else found.deleted_s)
    return replace(found.injection(node, now_s), state=InjectionState.ORPHANED, detail=found.stuck(late_s))


def _make(context: BackendContext) -> dict[str, Backend]:
    if context.control_host is None:
        raise AssertionError("the host of kubectl is not reached")
    settings = context.cluster.section(KubernetesSettings)
    return dict.fromkeys(context.shells, ChaosMeshBackend(context.control_host, context.cluster, settings))


def _kubectl_host(cluster: ClusterSettings) -> NodeSettings:
    return kubectl_host(PLACE, cluster.section(KubernetesSettings), cluster.ssh)


BACKENDS.register(BackendKind("chaos_mesh", _SUMMARY, _make, _kubectl_host, SECTION))
