"""Nodes that are pods: programs by the real kubectl exec, against an API server of ours."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.node import pod_access
from distdiag_core.cluster.pod_shell import PodShell
from distdiag_core.errors import UnreachableError
from distdiag_core.metrics.sources.host.remote_host import HostSource
from tests.kubernetes_api.api_server import ApiServer, Right
from tests.kubernetes_api.kubelet import Container
from tests.kubernetes_api.nodes import labels, node, settings, use_kubectl
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from distdiag_core.cluster.inventory import NodeSettings
    from tests.cluster.conftest import SshServer

_LONG_S = 60.0


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ApiServer]:
    use_kubectl(monkeypatch, tmp_path)
    with ApiServer(tmp_path) as api:
        yield api


def _shell(api: ApiServer, of: NodeSettings | None = None) -> PodShell:
    access = pod_access(of or node("n1", "zone1"), settings(api))
    assert access is not None
    return PodShell(access)


async def test_programs_run_in_the_pod_and_end_with_the_shell(api: ApiServer) -> None:
    container = api.add("shop-1", labels("zone1", "shop-1"))
    shell = _shell(api)
    await shell.open()
    result = await shell.run("cat; echo wrong >&2; exit 3", stdin="two\nlines", timeout_s=_LONG_S)
    assert (result.status, result.stdout, result.stderr) == (3, "two\nlines", "wrong\n")
    assert (await shell.run("printf 'ä\\n'; cd /; pwd", timeout_s=_LONG_S)).stdout == "ä\n/\n"
    async with shell.process("while read -r line; do echo $line$line; echo end; done") as program:
        await program.write_line("a")
        assert await program.read_until("end") == "aa\n"
    assert "cpu.user" in await _read(shell)
    started = len(container.started)
    waiting = asyncio.create_task(shell.run("trap '' HUP; sleep 300 & wait", timeout_s=_LONG_S))
    await until(lambda: len(container.started) > started, "the command to run in the pod")
    waiting.cancel()
    await shell.close()
    await until(lambda: not container.running, "all of it to be ended in the pod")


async def _read(shell: PodShell) -> dict[str, float]:
    source = HostSource(shell)
    try:
        return dict((await source.read()).values)
    finally:
        await source.close()


async def test_a_pod_that_was_scheduled_anew_is_found_again_under_its_new_name(api: ApiServer) -> None:
    api.add("shop-1", labels("zone1", "shop-1"))
    shell = _shell(api)
    await shell.open()
    api.delete("shop-1")
    assert (
        await asyncio.wait_for(shell.lost(), _LONG_S) == "kubectl exec ended: the pod has gone, or the connection to it"
    )
    with pytest.raises(UnreachableError, match="no pod is ref-obcluster=shop,ref-obzone=zone1 in the namespace ob"):
        await shell.open()
    api.add("shop-1-b7x2", labels("zone1", "shop-1-b7x2"), podIP="127.0.0.2")
    await shell.open()
    assert (await shell.pod()).name == "shop-1-b7x2"
    assert (await shell.run("echo here", timeout_s=_LONG_S)).stdout == "here\n"
    await shell.close()


async def test_a_container_says_which_programs_it_lacks_and_what_that_costs(api: ApiServer, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("grep", "awk", "ss"):
        (programs / name).symlink_to("/bin/true")
    api.add("shop-1", labels("zone1", "shop-1"), Container(programs=programs))
    shell = _shell(api)
    await shell.open()
    assert shell.notes == (
        "the container observer of shop-1 has no python3: no anomalies that a client of the database makes",
        "the container observer of shop-1 has no ps: processes cannot be looked at by hand",
    )
    await shell.close()


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        ("none", "no pod is ref-obcluster=shop,ref-obzone=zone1 in the namespace ob; correct kubernetes.namespace"),
        ("two", "2 pods are ref-obcluster=shop,ref-obzone=zone1 in the namespace ob; narrow the node's pod_selector"),
        ("pending", "the pod shop-1 does not run, but is Pending"),
        ("crashing", "the container observer of the pod shop-1 is waiting: CrashLoopBackOff"),
        ("no shell", "the container has no /bin/sh, so that nothing can be run in it: .*`sources: .sysstat.` alone"),
        (
            "no exec",
            r"may not create pods/exec in the namespace ob; its role needs the rule .*\"pods/exec\".*\"create\"",
        ),
        ("no list", r"may not list pods in the namespace ob; its role needs the rule .*verbs: \[\"list\"\]"),
    ],
)
async def test_what_keeps_a_pod_from_being_reached_is_said_in_plain_words(api: ApiServer, of: str, reason: str) -> None:
    waiting = [{"name": "observer", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]
    states: dict[str, dict[str, Any]] = {"pending": {"phase": "Pending"}, "crashing": {"containerStatuses": waiting}}
    lacks = frozenset({"/bin/sh"}) if of == "no shell" else frozenset()
    for name in {"none": (), "two": ("shop-1", "shop-2")}.get(of, ("shop-1",)):
        api.add(name, labels("zone1", name), Container(lacks=lacks), **states.get(of, {}))
    rights = {Right("get", "", "pods"), Right("list", "", "pods"), Right("create", "", "pods/exec")}
    refused = {"no exec": Right("create", "", "pods/exec"), "no list": Right("list", "", "pods")}
    if of in refused:
        api.rights = frozenset(rights - {refused[of]})
    shell = _shell(api)
    with pytest.raises(UnreachableError) as caught:
        await shell.open()
    await shell.close()
    said = f"{caught.value.what}; {caught.value.hint}"
    assert re.search(reason, said), said
    assert isinstance(caught.value, AccountRefusedError) == of.startswith("no ")


async def test_without_kubectl_or_a_kubeconfig_the_reason_says_so(
    api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = pod_access(node("n1", "zone1"), settings(api, kubeconfig=None))
    assert access is not None
    with pytest.raises(UnreachableError, match="kubectl has no kubeconfig"):
        await PodShell(access).open()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreachableError, match="kubectl: is not installed"):
        await _shell(api).open()


async def test_kubectl_may_run_on_a_host_that_is_reached_by_ssh(api: ApiServer, server: SshServer) -> None:
    container = api.add("shop-1", labels("zone1", "shop-1"))
    ssh = server.settings().ssh
    access = pod_access(node("n1", "zone1", ssh=ssh), settings(api, host="127.0.0.1"))
    assert access is not None
    shell = PodShell(access)
    async with server.listening():
        await shell.open()
        result = await shell.run("cat; exit 3", stdin="two\nlines", timeout_s=_LONG_S)
        assert (result.status, result.stdout) == (3, "two\nlines")
        assert "cpu.user" in await _read(shell)
        lost = asyncio.create_task(shell.lost())
        server.drop()
        assert await asyncio.wait_for(lost, _LONG_S)
        with pytest.raises(UnreachableError):
            await shell.run("true")
        await shell.open()
        assert (await shell.run("echo here", timeout_s=_LONG_S)).stdout == "here\n"
        await shell.close()
        await until(lambda: not container.running, "all of it to be ended in the pod")
