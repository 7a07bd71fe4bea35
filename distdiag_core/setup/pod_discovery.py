"""The nodes of a cluster under ob-operator, by the labels of its pods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from distdiag_core.cluster.kubectl import Kubectl
from distdiag_core.cluster.kubernetes_settings import KubernetesSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.settings import loader
from distdiag_core.setup.cluster_draft import NodeDraft
from distdiag_core.setup.discovery import Discovery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.setup.cluster_draft import ClusterDraft

# Labels of ob-operator: the cluster, the zone and the observer that a pod belongs to, by the names of their objects.
CLUSTER_LABEL, ZONE_LABEL, SERVER_LABEL = "ref-obcluster", "ref-obzone", "ref-observer"
# The variable of the observer's container that has the zone as the database calls it.
_ZONE_VARIABLE = "ZONE_NAME"
# Where ob-operator mounts the data of an observer.
_DATA_DIR = "/home/admin/data-file"


async def discover_pods(draft: ClusterDraft, selector: str = "") -> Discovery:
    """The draft, which has its section `kubernetes`, with a node for each pod of observers that has the labels.

    A node is named by labels, so that it is found again when its pod gets another name: by its zone where the zone has
    one observer, otherwise by its observer. Without a selector, the pods of every cluster are asked for.

    Raises:
        ConfigError: there are none, or they are of several clusters, or a value of the section is wrong.
        DistdiagError: kubectl cannot ask for them.
    """
    selector = selector or CLUSTER_LABEL
    settings, problems = loader.check(dict(draft.kubernetes or {}), KubernetesSettings)
    if settings is None:
        raise ConfigError("; ".join(f"{'.'.join(map(str, key))}: {what}" for key, what in problems), where="kubernetes")
    found = await Kubectl(LocalShell("kubernetes"), settings).items("pods", f"--selector={selector}")
    try:
        pods = sorted((pod for pod in found if SERVER_LABEL in _labels(pod)), key=_place)
        clusters = sorted({_labels(pod).get(CLUSTER_LABEL, "") for pod in pods})
        if len(clusters) != 1:
            raise _not_one(clusters, len(found), selector, settings.namespace)
        nodes = tuple(_node(f"n{number}", pod, pods, settings.container) for number, pod in enumerate(pods, 1))
    except (LookupError, TypeError, AttributeError) as error:
        raise DataError(f"the description of a pod makes no sense: {error}", where="kubectl") from error
    notes = [f"{len(nodes)} pods of the cluster {clusters[0]} by {selector}"]
    notes += [f"{node.name} ({node.host}) is {phase}" for node, phase in _not_running(nodes, pods)]
    return Discovery(replace(draft, nodes=nodes), tuple(notes))


def _node(name: str, pod: Mapping[str, Any], pods: Iterable[Mapping[str, Any]], container: str) -> NodeDraft:
    labels = _labels(pod)
    peers = [each for each in pods if _labels(each).get(ZONE_LABEL) == labels.get(ZONE_LABEL)]
    wanted = (CLUSTER_LABEL, ZONE_LABEL) if ZONE_LABEL in labels and len(peers) == 1 else (SERVER_LABEL,)
    observer: Mapping[str, Any] = next((each for each in pod["spec"]["containers"] if each["name"] == container), {})
    variables = {each["name"]: each.get("value", "") for each in observer.get("env", ())}
    mounted = {each["mountPath"] for each in observer.get("volumeMounts", ())}
    return NodeDraft(
        name,
        pod["metadata"]["name"],
        variables.get(_ZONE_VARIABLE) or labels.get(ZONE_LABEL, ""),
        pod_selector=",".join(f"{key}={labels[key]}" for key in wanted),
        data_dir=_DATA_DIR if _DATA_DIR in mounted else "",
    )


def _labels(pod: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = pod["metadata"].get("labels", {})
    return found


def _place(pod: Mapping[str, Any]) -> tuple[str, str]:
    return _labels(pod).get(ZONE_LABEL, ""), pod["metadata"]["name"]


def _not_running(nodes: Iterable[NodeDraft], pods: Iterable[Mapping[str, Any]]) -> Iterable[tuple[NodeDraft, str]]:
    for node, pod in zip(nodes, pods, strict=True):
        phase = pod.get("status", {}).get("phase", "unknown")
        if phase != "Running":
            yield node, phase


def _not_one(clusters: list[str], found: int, selector: str, namespace: str) -> ConfigError:
    if clusters:
        return ConfigError(
            f"the pods are of {len(clusters)} clusters: {', '.join(clusters)}",
            where="kubernetes",
            hint=f"name one, for instance --selector {CLUSTER_LABEL}={clusters[0]}",
        )
    other = f"; {found} pods have these labels, and none has the label {SERVER_LABEL} of ob-operator" if found else ""
    return ConfigError(
        f"no pod of an observer is {selector} in the namespace {namespace}{other}",
        where="kubernetes",
        hint="correct --namespace or --selector; `kubectl get pods --show-labels` shows what there is",
    )
