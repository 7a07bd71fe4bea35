"""The section `kubernetes` of the cluster file: the pods of the nodes, and how `kubectl` reaches them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from distdiag_core.cluster import sections
from distdiag_core.cluster.sections import Section
from distdiag_core.errors import quoted
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS, Example, Host

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.settings.loader import Problem
    from distdiag_core.settings.yaml_document import KeyPath

# The place that answers for all nodes at once, as the operator is told of it.
PLACE = "kubernetes"

# RFC 1123, as Kubernetes wants its names, and its syntax of label keys and values.
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_WORD = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_PAIR = re.compile(rf"({_SUBDOMAIN}/)?{_WORD}={_WORD}")

_Namespace = Annotated[str, StringConstraints(pattern=f"^{_LABEL}$"), Words("the name of a namespace")]
_Container = Annotated[str, StringConstraints(pattern=f"^{_LABEL}$"), Words("the name of a container")]
_Absolute = Annotated[str, StringConstraints(pattern="^/"), Words("an absolute path, on the host of kubectl")]


@dataclass(frozen=True, slots=True, config=SETTINGS)
class KubernetesSettings:
    """The pods of the nodes: for those with connection: kubernetes, and for the backend chaos_mesh."""

    namespace: Annotated[_Namespace, Example("oceanbase")]
    """The namespace of the pods of the nodes; the objects of Chaos Mesh are made there too."""
    host: Annotated[Host | None, Example("jump.example.com")] = None
    """The host that kubectl runs on, reached by SSH as the section ssh says. Without it: this machine."""
    context: Annotated[str | None, Example("shop")] = None
    """The context, as kubectl takes it. Without it: the current one."""
    kubeconfig: Annotated[_Absolute | None, Example("/home/admin/.kube/config")] = None
    """The configuration file, as kubectl takes it. Without it: the usual one."""
    container: _Container = "observer"
    """The container of the observer; ob-operator calls it observer."""
    sql: Literal["pod_ip", "port_forward", "host"] = "pod_ip"
    """Where SQL goes: to the address of the pod, through kubectl port-forward, or to host, as that of a service."""


def labels(selector: str) -> dict[str, str]:
    """The labels that a `pod_selector` of the cluster file, such as `app=ob,zone=1`, wants."""
    return dict(pair.split("=", 1) for pair in selector.split(","))


def kubernetes_of(cluster: ClusterSettings) -> KubernetesSettings | None:
    """The section of a cluster; None where it has none."""
    return next((each for each in cluster.sections if isinstance(each, KubernetesSettings)), None)


def _check(settings: KubernetesSettings, cluster: ClusterSettings) -> Iterable[Problem]:
    if settings.sql == "port_forward" and settings.host is not None:
        yield ("kubernetes", "sql"), "port_forward wants kubectl on this machine, and host names another"
    for index, node in enumerate(cluster.nodes):
        yield from _of_node(("nodes", index), node, cluster.backend)


def _of_node(key: KeyPath, node: NodeSettings, backend: str) -> Iterable[Problem]:
    if node.pod is None and node.pod_selector is None and (wish := _wish(node, backend)):
        yield (*key, "pod"), f"is required for {wish}, or pod_selector: which pod the node is"
    if node.pod is not None and node.pod_selector is not None:
        yield (*key, "pod_selector"), "stands beside pod; one of them says which pod it is"
    if node.pod is not None and not re.fullmatch(_SUBDOMAIN, node.pod):
        yield (*key, "pod"), f"must be the name of a pod, not {quoted(node.pod)}"
    if node.pod_selector is not None and not all(map(_PAIR.fullmatch, node.pod_selector.split(","))):
        yield (*key, "pod_selector"), f"must be labels such as app=ob,zone=1, not {quoted(node.pod_selector)}"


def _wish(node: NodeSettings, backend: str) -> str:
    """What wants to know the pod of a node; empty where nothing does."""
    if backend == "chaos_mesh":
        return "the backend chaos_mesh"
    return "connection: kubernetes" if node.connection == "kubernetes" else ""


SECTION = Section("kubernetes", KubernetesSettings, _check)
sections.register(SECTION)
