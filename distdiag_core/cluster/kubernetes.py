"""The part of a cluster file that says where in Kubernetes the nodes are, and how `kubectl` is reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.settings.loader import KeyPath

# As the operator is told of it; it answers for all nodes at once.
PLACE = "kubernetes"

# RFC 1123, as Kubernetes wants its names, and its syntax of label keys and values.
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
_WORD = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_PAIR = re.compile(rf"({_SUBDOMAIN.pattern}/)?{_WORD}={_WORD}")


@dataclass(frozen=True, slots=True)
class KubernetesSettings:
    """Where the pods are, and how they are asked for.

    Attributes:
        host: on which `kubectl` runs, reached by SSH; None for this machine.
        context, kubeconfig: as `kubectl` takes them; None for what it takes without.
        container: of the pod, in which the observer runs.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    namespace: str
    host: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    # As ob-operator calls it.
    container: str = "observer"


def labels(selector: str) -> dict[str, str]:
    """The labels that a `pod_selector` of the cluster file, such as `app=ob,zone=1`, wants."""
    return dict(pair.split("=", 1) for pair in selector.split(","))


def mistakes(cluster: ClusterSettings) -> Iterable[tuple[KeyPath, str]]:
    """What is wrong with it, each mistake with its key."""
    kubernetes = cluster.kubernetes
    if kubernetes is None:
        if cluster.backend == "chaos_mesh":
            yield ("kubernetes",), "is required for the backend chaos_mesh: the namespace of the pods, at least"
        return
    if not _LABEL.fullmatch(kubernetes.namespace):
        yield ("kubernetes", "namespace"), f"{kubernetes.namespace!r} cannot be the name of a namespace"
    if not _LABEL.fullmatch(kubernetes.container):
        yield ("kubernetes", "container"), f"{kubernetes.container!r} cannot be the name of a container"
    if kubernetes.kubeconfig is not None and not kubernetes.kubeconfig.startswith("/"):
        yield ("kubernetes", "kubeconfig"), "must be an absolute path, on the host of kubectl"
    for index, node in enumerate(cluster.nodes):
        yield from _of_node(("nodes", index), node, wanted=cluster.backend == "chaos_mesh")


def _of_node(key: KeyPath, node: NodeSettings, *, wanted: bool) -> Iterable[tuple[KeyPath, str]]:
    if node.pod is None and node.pod_selector is None and wanted:
        yield (*key, "pod"), "is required for the backend chaos_mesh, or pod_selector: which pod the node is"
    if node.pod is not None and node.pod_selector is not None:
        yield (*key, "pod_selector"), "stands beside pod; one of them says which pod it is"
    if node.pod is not None and not _SUBDOMAIN.fullmatch(node.pod):
        yield (*key, "pod"), f"{node.pod!r} cannot be the name of a pod"
    if node.pod_selector is not None and not all(map(_PAIR.fullmatch, node.pod_selector.split(","))):
        yield (*key, "pod_selector"), f"must be labels such as app=ob,zone=1, not {node.pod_selector!r}"
