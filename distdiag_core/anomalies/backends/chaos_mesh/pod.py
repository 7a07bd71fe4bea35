"""The pod of a node: its selector, and the values that a manifest may use of its specification."""

from __future__ import annotations

import math
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from distdiag_core.cluster.kubernetes_settings import labels
from distdiag_core.errors import DataError, UnsupportedError, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.anomalies.template import Value
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.kubernetes_settings import KubernetesSettings

# Where ob-operator mounts the data of an observer.
_DATA_DIR = "/home/admin/data-file"

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(m|[kMGTPE]|[KMGTPE]i)?", re.ASCII)
_UNIT_PREFIXES = "kMGTPE"


def selector(node: NodeSettings, settings: KubernetesSettings) -> dict[str, Any]:
    """The selector of the pod of `node` in an object of Chaos Mesh."""
    if node.pod_selector is not None:
        return {"namespaces": [settings.namespace], "labelSelectors": labels(node.pod_selector)}
    return {"pods": {settings.namespace: [node.pod]}}


def facts(pods: Sequence[Mapping[str, Any]], node: NodeSettings, settings: KubernetesSettings) -> dict[str, Value]:
    """The values that a manifest may use of the pod; without those that its specification does not give.

    Raises:
        UnsupportedError: there is no such pod, more than one, it does not run, or it has not the container.
        DataError: the specification is malformed.
    """
    wanted = node.pod_selector if node.pod_selector is not None else node.pod
    if len(pods) != 1:
        found = "no pod is" if not pods else f"{len(pods)} pods are"
        raise UnsupportedError(
            f"{found} {wanted} in the namespace {settings.namespace}",
            where=node.name,
            hint="correct kubernetes.namespace, or the node's pod or pod_selector",
        )
    try:
        return _facts_of(pods[0], node, settings)
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise DataError(f"the specification of the pod {wanted} makes no sense: {error}", where=node.name) from error


def _facts_of(pod: Mapping[str, Any], node: NodeSettings, settings: KubernetesSettings) -> dict[str, Value]:
    phase = pod.get("status", {}).get("phase", "unknown")
    if phase != "Running":
        raise UnsupportedError(f"its pod does not run, but is {phase}", where=node.name)
    containers = {each["name"]: each for each in pod["spec"]["containers"]}
    container = containers.get(settings.container)
    if container is None:
        raise UnsupportedError(
            f"its pod has no container {settings.container}",
            where=node.name,
            hint=f"name one of {', '.join(containers)} in kubernetes.container",
        )
    limits = container.get("resources", {}).get("limits", {})
    known: dict[str, Value | None] = {
        "container": settings.container,
        "processors": math.ceil(quantity(limits["cpu"])) if "cpu" in limits else None,
        "memory_mib": int(quantity(limits["memory"]) / 2**20) if "memory" in limits else None,
        "volume_path": _volume(container, node.data_dir or _DATA_DIR),
    }
    return {key: value for key, value in known.items() if value is not None}


def _volume(container: Mapping[str, Any], directory: str) -> str | None:
    """The mount point of the volume that holds `directory`, since Chaos Mesh takes nothing but mount points."""
    above = {str(place) for place in (PurePosixPath(directory), *PurePosixPath(directory).parents)}
    mounted = (str(PurePosixPath(mount["mountPath"])) for mount in container.get("volumeMounts", ()))
    return max((place for place in mounted if place in above), key=len, default=None)


def quantity(text: object) -> float:
    """A quantity of Kubernetes, such as `500m`, `4` or `10Gi`.

    Raises:
        DataError: it is none.
    """
    match = _QUANTITY.fullmatch(str(text))
    if match is None:
        raise DataError(f"{quoted(text)} is no quantity of Kubernetes")
    number, unit = float(match[1]), match[2] or ""
    if unit == "m":
        return number / 1000
    if not unit:
        return number
    power = _UNIT_PREFIXES.lower().index(unit[0].lower()) + 1
    return number * float((1024 if unit.endswith("i") else 1000) ** power)
