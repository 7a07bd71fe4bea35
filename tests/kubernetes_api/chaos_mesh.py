"""Objects of Chaos Mesh on the API server: kept if they are of the structure of their custom resource."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import yaml

from tests.anomalies.chaos_crds import complaints
from tests.anomalies.kubectl_stand_in import KINDS, Cluster, Scenario, alone, now
from tests.kubernetes_api.http import RefusalError, selected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kubernetes_api.http import Request

Object = dict[str, Any]
# By its resource, as the definitions of Chaos Mesh name it.
PLURALS = dict(KINDS)


class ChaosObjects:
    """The objects in a directory, whose lives go on at every look as Chaos Mesh would have them.

    Args:
        pods: those that there are now.
    """

    def __init__(self, directory: Path, namespace: str, pods: Callable[[], list[Object]]) -> None:
        self._directory, self._namespace, self._pods = directory, namespace, pods

    def answer(self, resource: str, name: str, request: Request) -> tuple[int, Object]:
        """The status and the object for a request."""
        kind = PLURALS.get(resource)
        if kind is None:
            raise RefusalError(404, "the server could not find the requested resource")
        with alone(self._directory):
            scenario = Scenario(namespace=self._namespace, pods=self._pods())
            (self._directory / "scenario.json").write_text(json.dumps(asdict(scenario)), encoding="utf-8")
            cluster = Cluster(self._directory)
            there_are = [each for each in cluster.objects() if each["kind"] == kind]
            if request.method == "GET" and not name:
                # It acts after what is seen, so that who waits for it has to watch.
                cluster.look()
            if request.method == "POST":
                return self._create(cluster, resource, request)
            if not name:
                items = [each for each in there_are if selected(each, request)]
                metadata = {"resourceVersion": "1"}
                return 200, {"kind": f"{kind}List", "apiVersion": _VERSION, "metadata": metadata, "items": items}
            found = next((each for each in there_are if each["metadata"]["name"] == name), None)
            if found is None:
                raise RefusalError(404, f'{resource}.chaos-mesh.org "{name}" not found')
            if request.method == "PATCH":
                found = _patched(found, json.loads(request.body))
                cluster.put(found)
            elif request.method == "DELETE":
                found["metadata"].setdefault("deletionTimestamp", now())
                cluster.put(found)
            return 200, found

    def _create(self, cluster: Cluster, resource: str, request: Request) -> tuple[int, Object]:
        made = yaml.safe_load(request.body)
        name = made["metadata"]["name"]
        if made["metadata"].setdefault("namespace", self._namespace) != self._namespace:
            raise RefusalError(400, "the namespace of the object does not match that of the request")
        if wrong := complaints(made):
            raise RefusalError(422, f'{made["kind"]}.chaos-mesh.org "{name}" is invalid: {"; ".join(wrong)}', wrong)
        if cluster.has(made):
            raise RefusalError(409, f'{resource}.chaos-mesh.org "{name}" already exists')
        made["metadata"] |= {"creationTimestamp": now(), "uid": f"uid-of-{name}"}
        cluster.put(made)
        return 201, made


_VERSION = "chaos-mesh.org/v1alpha1"


def _patched(found: Any, patch: Any) -> Any:  # noqa: ANN401 - any value of JSON
    """A merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(found) if isinstance(found, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _patched(merged.get(key), value)
    return merged
