"""Chaos Mesh's own: what it says, what it leaves, and what it does not let go of. Over the stand-in for kubectl."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.errors import CommandFailedError, DistdiagError, RefusedError, UnreachableError, UnsupportedError
from tests.anomalies.kubectl_stand_in import Scenario
from tests.anomalies.kubernetes import QuickShell, pods
from tests.anomalies.waiting import until_nothing_is_active
from tests.waiting import until

if TYPE_CHECKING:
    from distdiag_core.cluster.shell import CommandResult
    from tests.anomalies.kubernetes import Kubernetes


async def test_what_is_made_carries_who_made_it_and_until_when(kubernetes: Kubernetes) -> None:
    (injection,) = await kubernetes.inject("cpu_stress", "n1", severity="high")
    (made,) = kubernetes.objects
    assert made["kind"] == "StressChaos"
    assert made["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "distdiag",
        "distdiag/id": injection.id,
        "distdiag/severity": "high",
    }
    annotations = made["metadata"]["annotations"]
    assert annotations["distdiag/owner"] == injection.owner
    assert annotations["distdiag/anomaly"] == "cpu_stress"
    # It was let go on.
    assert "experiment.chaos-mesh.org/pause" not in annotations
    assert made["spec"]["duration"] == "60s"


async def test_if_one_pod_cannot_have_it_no_pod_keeps_it(kubernetes: Kubernetes) -> None:
    failing = {"ob-zone2-0": "unable to flush ip sets"}
    kubernetes.is_like(Scenario(pods=pods(), failing=failing, patience=10))
    with pytest.raises(
        CommandFailedError,
        match=r"n2: cpu_stress by StressChaos: not on its pod: apply failed on ob/ob-zone2-0: unable to flush ip sets; "
        r"nothing of it is left on any node",
    ):
        await kubernetes.inject("cpu_stress", "n1", "n2")
    assert kubernetes.objects == []


async def test_without_its_controller_nothing_is_claimed(kubernetes: Kubernetes) -> None:
    kubernetes.is_like(Scenario(pods=pods(), idle=True, patience=10))
    with pytest.raises(CommandFailedError, match=r"its controller may not be running; nothing of it is left"):
        await kubernetes.inject("network_delay", "n1")
    assert kubernetes.objects == []


async def test_the_record_of_what_ended_is_removed_by_the_next(kubernetes: Kubernetes) -> None:
    (first,) = await kubernetes.inject("cpu_stress", "n1")
    (made,) = kubernetes.objects
    made["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    kubernetes.put(made)
    injector = kubernetes.injector()
    await until_nothing_is_active(injector)
    assert [made["metadata"]["labels"]["distdiag/id"] for made in kubernetes.objects] == [first.id]
    (second,) = await kubernetes.inject("cpu_stress", "n1")
    kept = [made["metadata"] for made in kubernetes.objects if "deletionTimestamp" not in made["metadata"]]
    assert [metadata["labels"]["distdiag/id"] for metadata in kept] == [second.id]


async def test_a_stuck_finalizer_is_an_orphan_that_says_what_to_do(kubernetes: Kubernetes) -> None:
    (injection,) = await kubernetes.inject("io_stress", "n1")
    kubernetes.is_like(Scenario(pods=pods(), stuck=True, patience=10))
    injector = kubernetes.injector()
    (left,) = await injector.clear([injection.id])
    assert left.state is InjectionState.ORPHANED
    assert "recover failed on ob/ob-zone1-0: no chaos-daemon on the host" in left.detail
    assert "kubectl patch iochaos.chaos-mesh.org/distdiag-" in left.detail
    # As soon as it is let go of, it is gone.
    kubernetes.is_like(Scenario(pods=pods()))
    (cleared,) = await injector.clear_all()
    assert cleared.state is InjectionState.CLEARED
    assert kubernetes.objects == []


async def test_what_is_past_its_deadline_blocks_its_node(kubernetes: Kubernetes) -> None:
    await kubernetes.inject("cpu_stress", "n1")
    (made,) = kubernetes.objects
    # As if its controller had died right after.
    kubernetes.is_like(Scenario(pods=pods(), idle=True))
    made["metadata"]["annotations"]["distdiag/deadline"] = "2026-01-01T00:00:00+00:00"
    kubernetes.put(made)
    (orphan,) = await kubernetes.injector().active()
    assert (orphan.state, orphan.node) == (InjectionState.ORPHANED, "n1")
    with pytest.raises(RefusedError, match=f"clear {orphan.id} first"):
        await kubernetes.inject("network_delay", "n1")


async def test_other_clusters_in_the_namespace_are_let_alone(kubernetes: Kubernetes) -> None:
    (injection,) = await kubernetes.inject("cpu_stress", "n3")
    others = replace(kubernetes.cluster, name="other", nodes=kubernetes.cluster.nodes[:2])
    other = replace(kubernetes, cluster=others)
    assert await other.injector().active() == ()
    assert await other.injector().clear_all() == ()
    renamed = replace(others, nodes=(replace(kubernetes.cluster.nodes[2], name="third"),))
    (same,) = await replace(kubernetes, cluster=renamed).injector().active()
    assert (same.id, same.node) == (injection.id, "third")


class HoldingShell(QuickShell):
    """Holds back what would make an object, or let it go on, until it may arrive; nobody waits for it then."""

    def __init__(self, kubernetes: Kubernetes, verb: str) -> None:
        super().__init__(kubernetes.directory)
        self._verb = verb
        self._held: list[tuple[str, str]] = []
        self.holds = asyncio.Event()

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`, unless it is held back."""
        if f" {self._verb} " not in command:
            return await super().run(command, stdin=stdin, timeout_s=timeout_s)
        self._held.append((command, stdin))
        self.holds.set()
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody ends this wait")

    @property
    def held(self) -> int:
        """How many are held back."""
        return len(self._held)

    def hold_nothing(self) -> None:
        """Let everything pass that comes from now on."""
        self._verb = "nothing"

    async def let_arrive(self) -> CommandResult:
        """Run what was held back."""
        command, stdin = self._held.pop()
        return await super().run(command, stdin=stdin)


@pytest.mark.parametrize("verb", ["create", "annotate"])
async def test_what_arrives_after_it_was_cleared_never_begins(kubernetes: Kubernetes, verb: str) -> None:
    shell = HoldingShell(kubernetes, verb)
    injector = kubernetes.injector(shell)
    plan = await injector.plan(InjectionRequest("cpu_stress", ("n1",), "low", 60))
    injecting = asyncio.create_task(injector.inject(plan))
    await shell.holds.wait()
    await injector.clear_all()
    with pytest.raises(CommandFailedError, match="everything was cleared before it had begun"):
        await injecting
    arrived = await shell.let_arrive()
    if verb == "annotate":
        assert (arrived.status, kubernetes.objects) == (1, [])
        return
    for _ in range(5):
        (late,) = await injector.active()
        assert late.detail == "paused: it does nothing until somebody resumes it"
    (record,) = kubernetes.objects[0]["status"]["experiment"]["containerRecords"]
    assert all(event["operation"] != "Apply" for event in record["events"])
    await injector.clear_all()
    assert kubernetes.objects == []


async def test_an_interrupt_undoes_what_is_there_already(kubernetes: Kubernetes) -> None:
    shell = HoldingShell(kubernetes, "annotate")
    injector = kubernetes.injector(shell)
    plan = await injector.plan(InjectionRequest("cpu_stress", ("n1", "n2"), "low", 60))
    injecting = asyncio.create_task(injector.inject(plan))
    await shell.holds.wait()
    await until(lambda: len(kubernetes.objects) == 2, "both objects")
    injecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await injecting
    assert kubernetes.objects == []


@pytest.mark.parametrize(
    ("scenario", "kind", "words"),
    [
        (
            Scenario(complaint='error: the server doesn\'t have a resource type "stresschaos"'),
            UnsupportedError,
            "Chaos Mesh is not installed",
        ),
        (
            Scenario(complaint="The connection to the server was refused"),
            UnreachableError,
            "does not reach the API server",
        ),
        (
            Scenario(pods=pods(), refused={"create": "Error from server (Forbidden): iochaos is forbidden"}),
            UnsupportedError,
            "may not do that: Error from server (Forbidden): iochaos is forbidden; it has to get",
        ),
    ],
)
async def test_what_is_wrong_with_kubernetes_is_said(
    kubernetes: Kubernetes, scenario: Scenario, kind: type[DistdiagError], words: str
) -> None:
    kubernetes.is_like(scenario)
    with pytest.raises(kind) as caught:
        await kubernetes.inject("io_stress", "n1")
    assert words in str(caught.value)
    assert kubernetes.objects == []


async def test_without_an_answer_the_last_one_is_shown_as_such(kubernetes: Kubernetes) -> None:
    (injection,) = await kubernetes.inject("cpu_stress", "n1")
    injector = kubernetes.injector()
    await injector.active()
    kubernetes.is_like(Scenario(complaint="Unable to connect to the server: i/o timeout"))
    (seen,) = await injector.active()
    assert seen.id == injection.id
    assert seen.detail.startswith("as last seen: kubernetes: kubectl: it does not reach the API server")
    assert injector.unasked[0].startswith("kubernetes cannot be asked: ")
    with pytest.raises(UnreachableError, match="kubernetes cannot be asked"):
        await injector.clear_all()


async def test_what_is_waited_for_keeps_nobody_from_asking_and_ending(kubernetes: Kubernetes) -> None:
    shell = HoldingShell(kubernetes, "wait")
    injector = kubernetes.injector(shell)
    plans = [await injector.plan(InjectionRequest("cpu_stress", ("n1", "n2", "n3"), "low", 60)) for _ in range(2)]
    async with asyncio.TaskGroup() as tasks:
        injecting = [tasks.create_task(injector.inject(plan)) for plan in plans]
        await until(lambda: shell.held >= 4, "as many to wait as may")
        assert len(await injector.active()) >= 4
        shell.hold_nothing()
        for task in injecting:
            task.cancel()
    assert kubernetes.objects == []
