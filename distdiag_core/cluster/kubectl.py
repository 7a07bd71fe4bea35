"""Command lines of `kubectl`, and its error messages in plain words."""

from __future__ import annotations

import asyncio
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core.cluster.inventory import NodeSettings
from distdiag_core.cluster.lines import last_line
from distdiag_core.errors import (
    CommandFailedError,
    ConfigError,
    DistdiagError,
    TimedOutError,
    UnreachableError,
    UnsupportedError,
)
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.cluster.inventory import SshSettings
    from distdiag_core.cluster.kubernetes_settings import KubernetesSettings
    from distdiag_core.cluster.shell import Shell

# kubectl itself gives up a request that hangs, so that none arrives long after it timed out here.
_REQUEST_S = 8
_GRACE_S = 4.0
# Each is a process on the host of kubectl, and an sshd lets so many in at once.
_AT_ONCE = 4

# A pattern of its message; the error; the message in plain words; a hint.
_MESSAGES: tuple[tuple[str, type[DistdiagError], str, str], ...] = (
    ("already ?exists", CommandFailedError, "it is there already", ""),
    (
        "localhost:8080|no configuration has been provided",
        ConfigError,
        "kubectl has no kubeconfig",
        "name one in kubernetes.kubeconfig or in $KUBECONFIG; a pod needs a service account whose token it may see",
    ),
    (
        r"exec: .*(no such file or directory|not found in \$PATH)",
        UnsupportedError,
        "the container has no /bin/sh, so that nothing can be run in it",
        "name a container with a shell in kubernetes.container; `sources: [sysstat]` alone needs none",
    ),
    (
        "container .*(is not valid for pod|not found)",
        UnsupportedError,
        "the pod has no such container, or it does not run",
        "correct kubernetes.container, or see `kubectl describe pod` for why it does not run",
    ),
    ('pods "[^"]*" not found', UnreachableError, "there is no such pod", "correct the pod or pod_selector of the node"),
    (
        "doesn't have a resource type|no matches for kind",
        UnsupportedError,
        "Chaos Mesh is not installed in this Kubernetes cluster",
        "install it, its custom resources included",
    ),
    (
        "forbidden",
        UnsupportedError,
        "the account of kubectl may not do that",
        "it has to get, list, watch, create, patch and delete the objects of Chaos Mesh, and to list pods",
    ),
    (
        "unauthorized|must be logged in|provide credentials",
        UnsupportedError,
        "the cluster does not accept the account of kubectl",
        "log in again on the host of kubectl",
    ),
    ('namespaces "[^"]*" not found', ConfigError, "no such namespace", "correct kubernetes.namespace"),
    ("context was not found|context .*does not exist", ConfigError, "no such context", "correct kubernetes.context"),
    ("no such file or directory", ConfigError, "no such file", "correct kubernetes.kubeconfig"),
    (
        "unable to connect|refused|i/o timeout|no such host|timeout exceeded",
        UnreachableError,
        "it does not reach the API server",
        "",
    ),
)


# The message of the API server about a right that the role of an account lacks.
_DENIED = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>[a-z]+) resource "(?P<resource>[^"]*)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]*)")?'
)


@dataclass(frozen=True, slots=True)
class _Items:
    items: tuple[dict[str, Any], ...]


def kubectl_host(name: str, settings: KubernetesSettings, ssh: SshSettings | None) -> NodeSettings:
    """The host that kubectl runs on: the one that the cluster file names, or this machine."""
    if settings.host is None:
        return NodeSettings(name=name, host="127.0.0.1", connection="local")
    return NodeSettings(name=name, host=settings.host, ssh=ssh)


class Kubectl:
    """Runs `kubectl` for one namespace.

    Args:
        shell: of the host that it runs on.
    """

    def __init__(self, shell: Shell, settings: KubernetesSettings) -> None:
        self._shell = shell
        self._settings = settings
        self._gate = asyncio.Semaphore(_AT_ONCE)
        # Separate, so that waiting never delays a deletion.
        self._waiting_gate = asyncio.Semaphore(_AT_ONCE)

    def command(self, *arguments: str, waits: bool = False) -> str:
        """The command line for the shell; a command that `waits` has a time-out of its own."""
        settings = self._settings
        options = {
            "kubeconfig": settings.kubeconfig,
            "context": settings.context,
            "namespace": settings.namespace,
            "request-timeout": None if waits else f"{_REQUEST_S}s",
        }
        given = [f"--{name}={value}" for name, value in options.items() if value is not None]
        return shlex.join(["kubectl", *given, *arguments])

    async def items(self, *arguments: str) -> list[Mapping[str, Any]]:
        """The objects that `kubectl get` finds.

        Raises:
            DataError: its answer is no list of objects.
        """
        output = await self.run(self.command("get", *arguments, "--output=json"))
        answer = json_document.parse(output, _Items, where=f"{self._shell.node}: the answer of kubectl")
        return list(answer.items)

    async def run(self, command: str, *, stdin: str = "", within_s: float = _REQUEST_S) -> str:
        """The output of a `command`.

        Raises:
            DistdiagError: it failed, with the reason in plain words.
        """
        where = f"{self._shell.node}: kubectl"
        async with self._gate if within_s <= _REQUEST_S else self._waiting_gate:
            try:
                result = await self._shell.run(command, stdin=stdin, timeout_s=within_s + _GRACE_S)
            except TimedOutError as error:
                raise TimedOutError(error.what, where=where) from error
        if result.status != 0:
            raise error_of(result.status, result.stderr, where)
        return result.stdout


def error_of(status: int, said: str, where: str) -> DistdiagError:
    """The error for an exit status of kubectl and what it said on stderr."""
    if status == 127:
        return UnsupportedError("is not installed", where=where, hint="install it, or name its host in kubernetes.host")
    if denied := _DENIED.search(said):
        return _forbidden(denied, where)
    line = last_line(said) or f"exit status {status}"
    for sign, kind, what, hint in _MESSAGES:
        if re.search(sign, said, re.IGNORECASE):
            return kind(f"{what}: {line}", where=where, hint=hint)
    return CommandFailedError(line, where=where)


def _forbidden(denied: re.Match[str], where: str) -> DistdiagError:
    place = f" in the namespace {denied['namespace']}" if denied["namespace"] else ""
    return UnsupportedError(
        f"the account {denied['user']} may not {denied['verb']} {denied['resource']}{place}",
        where=where,
        hint=f'its role needs the rule {{apiGroups: ["{denied["group"]}"], resources: ["{denied["resource"]}"], '
        f'verbs: ["{denied["verb"]}"]}}; deploy/kubernetes/rbac.yaml has all',
    )
