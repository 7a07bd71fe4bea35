"""An API server of Kubernetes for tests, on loopback: what `kubectl` asks of a real one for pods and Chaos Mesh.

It lists and watches, keeps objects of Chaos Mesh if their structure is that of the custom resource, checks every
request against rules of RBAC, and serves exec and port-forward by commands and ports of this machine.
"""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tests.kubernetes_api import kubelet
from tests.kubernetes_api.chaos_mesh import PLURALS, ChaosObjects
from tests.kubernetes_api.http import REASONS, RefusalError, read_request, selected, send
from tests.kubernetes_api.kubelet import Container

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path
    from types import TracebackType

    from tests.kubernetes_api.http import Request

NAMESPACE = "ob"
USER = "system:serviceaccount:ob:distdiag"
Object = dict[str, Any]

_LOOK_EVERY_S = 0.02
_VERBS = ["get", "list", "watch", "create", "patch", "delete"]
# By the version of the API; those that are no pods and of Chaos Mesh are known, and there are none of them.
RESOURCES = {
    "v1": {"pods": "Pod", "configmaps": "ConfigMap", "serviceaccounts": "ServiceAccount"},
    "apps/v1": {"deployments": "Deployment"},
    "rbac.authorization.k8s.io/v1": {"roles": "Role", "rolebindings": "RoleBinding"},
    "chaos-mesh.org/v1alpha1": PLURALS,
}


class Right(NamedTuple):
    """What a request wants: a verb on a resource of a group of the API."""

    verb: str
    group: str
    resource: str


@dataclass
class ApiServer:
    """Runs in a thread while the context lasts.

    Attributes:
        rights: those of the account; None for all.
        used: what was asked for and granted.
        pods, containers: by the name of the pod.
    """

    directory: Path
    rights: frozenset[Right] | None = None
    used: set[Right] = field(default_factory=set)
    pods: dict[str, Object] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    port: int = 0

    def __enter__(self) -> Self:
        """Listen."""
        self.chaos = ChaosObjects(self.directory, NAMESPACE, lambda: list(self.pods.values()))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._seen: dict[str, dict[str, Object]] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self.do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill all that runs in pods, and close."""
        self.do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Have work done in the thread of the server."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    @property
    def kubeconfig(self) -> Path:
        """The configuration file for `kubectl`."""
        server = {"name": "here", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}
        context = {"name": "here", "context": {"cluster": "here", "user": "me", "namespace": NAMESPACE}}
        text = {
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [server], "contexts": [context], "users": [{"name": "me", "user": {}}],
        }  # fmt: skip
        path = self.directory / "kubeconfig"
        path.write_text(json.dumps(text), encoding="utf-8")
        return path

    def add(self, name: str, labels: dict[str, str], container: Container | None = None, **changes: Any) -> Container:  # noqa: ANN401
        """Add a pod as ob-operator makes it; `changes` are of its status."""
        status = {"phase": "Running", "podIP": "127.0.0.1"} | changes
        status.setdefault("containerStatuses", [{"name": "observer", "ready": status["phase"] == "Running"}])
        limits = {"cpu": "2500m", "memory": "10Gi"}
        mounts = [{"name": "data-file", "mountPath": "/home/admin/data-file"}]
        self.pods[name] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": NAMESPACE, "uid": f"uid-of-{name}", "labels": labels},
            "spec": {
                "containers": [
                    {"name": "observer", "image": "oceanbase", "resources": {"limits": limits}, "volumeMounts": mounts}
                ]
            },
            "status": status,
        }
        return self.containers.setdefault(name, container or Container())

    def delete(self, name: str) -> None:
        """Delete a pod, and with it all that runs in it."""
        del self.pods[name]
        self.do(self.containers.pop(name).end())

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for container in self.containers.values():
            await container.end()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("a connection is served by a task")
        self._connections.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._answer(await read_request(reader), reader, writer):
                    pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; whether another may follow on the connection."""
        resource = _resource(request)
        try:
            if resource is None:
                await send(writer, 200, _discovery(request))
                return True
            self._authorize(resource, request)
            if resource.subresource:
                await self._upgraded(resource, request, reader, writer)
                return False
            if request.option("watch") in ("true", "1"):
                await self._watch(resource, request, writer)
                return False
            status, answer = self._object(resource, request)
            await send(writer, status, answer)
        except RefusalError as refusal:
            said: Object = {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": str(refusal),
            }
            named = Resource("", "", "", "", "") if resource is None else resource
            said |= {"reason": REASONS[refusal.status], "code": refusal.status}
            said |= {"details": {"name": named.item, "kind": named.base, "causes": refusal.causes}}
            await send(writer, refusal.status, said)
        return True

    def _authorize(self, resource: Resource, request: Request) -> None:
        right = Right(resource.verb(request), resource.group, resource.name)
        if self.rights is not None and right not in self.rights:
            named = f' "{resource.item}"' if resource.item else ""
            raise RefusalError(
                403,
                f'{resource.base}{named} is forbidden: User "{USER}" cannot {right.verb} resource "{right.resource}" '
                f'in API group "{right.group}" in the namespace "{resource.namespace}"',
            )
        self.used.add(right)

    def _object(self, resource: Resource, request: Request) -> tuple[int, Object]:
        if resource.namespace != NAMESPACE:
            if request.method == "GET" and not resource.item:
                return 200, _list([])
            raise RefusalError(404, f'namespaces "{resource.namespace}" not found')
        if resource.base == "namespaces":
            return 200, {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": resource.namespace}}
        if resource.base != "pods":
            status, answer = self.chaos.answer(resource.base, resource.item, request)
            if "items" in answer:
                self._seen[resource.base] = {each["metadata"]["name"]: each for each in answer["items"]}
            return status, answer
        if resource.item:
            return 200, self._pod(resource.item)
        return 200, _list(self._listed(resource, request))

    def _pod(self, name: str) -> Object:
        if name not in self.pods:
            raise RefusalError(404, f'pods "{name}" not found')
        return self.pods[name]

    def _listed(self, resource: Resource, request: Request) -> list[Object]:
        if resource.base != "pods":
            return list(self.chaos.answer(resource.base, "", request)[1]["items"])
        return [pod for pod in self.pods.values() if selected(pod, request)]

    async def _watch(self, resource: Resource, request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        # A watch goes on from the list before it.
        known = self._seen.pop(resource.base, {})
        left_s = float(request.option("timeoutSeconds") or 30)
        while left_s > 0 and not writer.is_closing():
            now = {each["metadata"]["name"]: each for each in self._listed(resource, request)}
            events = [("MODIFIED", each) for name, each in now.items() if known.get(name) != each]
            events += [("DELETED", each) for name, each in known.items() if name not in now]
            for kind, each in events:
                writer.write(json.dumps({"type": kind, "object": each}).encode() + b"\n")
            await writer.drain()
            known = now
            await asyncio.sleep(_LOOK_EVERY_S)
            left_s -= _LOOK_EVERY_S

    async def _upgraded(
        self, resource: Resource, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        pod = self._pod(resource.item)
        names = [each["name"] for each in pod["spec"]["containers"]]
        wanted = request.option("container") or names[0]
        if resource.subresource == "exec" and wanted not in names:
            raise RefusalError(400, f"container {wanted} is not valid for pod {resource.item}")
        if pod["status"]["phase"] != "Running":
            raise RefusalError(404, f'container not found ("{wanted}")')
        protocol = request.headers["x-stream-protocol-version"]
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
            b"X-Stream-Protocol-Version: " + protocol.encode() + b"\r\n\r\n"
        )
        container = self.containers[resource.item]
        if resource.subresource == "portforward":
            await kubelet.forward(container, reader, writer)
        else:
            streams = {each for each in ("stdin", "stdout", "stderr") if request.option(each) in ("true", "1")}
            await kubelet.execute(container, request.query["command"], {"error"} | streams, reader, writer)


class Resource(NamedTuple):
    """What the path of a request names."""

    group: str
    namespace: str
    base: str
    item: str
    subresource: str

    @property
    def name(self) -> str:
        """The resource as rules of RBAC name it."""
        return f"{self.base}/{self.subresource}" if self.subresource else self.base

    def verb(self, request: Request) -> str:
        """The verb of RBAC for a request."""
        if request.method == "GET":
            return "watch" if request.option("watch") in ("true", "1") else "get" if self.item else "list"
        return {"POST": "create", "PATCH": "patch", "DELETE": "delete"}[request.method]


def _resource(request: Request) -> Resource | None:
    match request.path:
        case ["api", "v1", "namespaces", namespace]:
            return Resource("", namespace, "namespaces", namespace, "")
        case ["api", "v1", "namespaces", namespace, base, *rest]:
            group = ""
        case ["apis", group, _, "namespaces", namespace, base, *rest]:
            pass
        case _:
            return None
    item, subresource, *_ = *rest, "", ""
    return Resource(group, namespace, base, item, subresource)


def _discovery(request: Request) -> Object:
    match request.path:
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"]}
        case ["apis"]:
            groups = [_group(version) for version in RESOURCES if "/" in version]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        case ["version"]:
            return {"major": "1", "minor": "20", "gitVersion": "v1.20.2"}
        case ["openapi", "v2"]:
            # Of protocol buffers, a document without any definition.
            return {}
        case ["api" | "apis", *version] if (known := RESOURCES.get("/".join(version))) is not None:
            found = [{"name": name, "namespaced": True, "kind": kind, "verbs": _VERBS} for name, kind in known.items()]
            return {"kind": "APIResourceList", "groupVersion": "/".join(version), "resources": found}
        case _:
            raise RefusalError(404, "the server could not find the requested resource")


def _group(version: str) -> Object:
    named = {"groupVersion": version, "version": version.partition("/")[2]}
    return {"name": version.partition("/")[0], "versions": [named], "preferredVersion": named}


def _list(items: list[Object]) -> Object:
    return {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items}
