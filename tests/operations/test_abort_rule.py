"""The steady state of the cluster file: what breaks it, for how long, and what that ends."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState, Plan, Step
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.status import Link, LinkState, NodeStatus
from distdiag_core.errors import CommandFailedError, RefusedError, UnreachableError
from distdiag_core.metrics.frame import Frame
from distdiag_core.operations import abort_rule, injections
from distdiag_core.operations.abort_rule import AbortRule, Breach, SteadyState
from distdiag_core.operations.abort_settings import AbortSettings
from distdiag_core.recording import audit_log
from tests.anomalies.catalogue_data import HARMLESS
from tests.operations.local_injections import Room
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
    from pathlib import Path

    from distdiag_core.cluster.shell import CommandResult

_METRICS = (
    "workload.tps",
    "workload.p95",
    "workload.errors",
    "sysstat.sql_fail_count",
    "mysql_status.statement_errors",
)
_UP = Link(LinkState.UP)
_WELL = tuple(NodeStatus(name, ssh=_UP, sql=_UP) for name in ("n1", "n2"))
_SECOND_LOST = (_WELL[0], NodeStatus("n2", ssh=_UP, sql=Link(LinkState.DOWN, "connection refused")))
_NAN = math.nan


def tick(
    time_s: float, *, tps: float = 20, p95: float = 20, errors: float = 0, failed: float = 0, of_mysql: float = math.nan
) -> Frame:
    """A tick of two nodes, of which the second one has these figures."""
    values = np.array([[20, 20, 0, 0, math.nan], [tps, p95, errors, failed, of_mysql]], dtype=np.float32)
    return Frame(time_s, ("n1", "n2"), _METRICS, values)


def test_a_lost_node_breaks_it_once_that_has_lasted() -> None:
    steady = SteadyState(AbortSettings(for_s=2))
    found = [steady.look(tick(time_s), _SECOND_LOST, ()) for time_s in range(3)]
    assert found[:2] == [None, None]
    assert found[2] == Breach("abort.node_lost", "n2", "the node is lost: sql: connection refused")


def test_what_recovers_meanwhile_begins_anew() -> None:
    steady = SteadyState(AbortSettings(for_s=2))
    for time_s, nodes in enumerate((_SECOND_LOST, _SECOND_LOST, _WELL, _SECOND_LOST, _SECOND_LOST)):
        assert steady.look(tick(time_s), nodes, ()) is None


def test_a_node_that_is_meant_to_be_lost_may_be() -> None:
    steady = SteadyState(AbortSettings(for_s=0))
    assert steady.look(tick(0), _SECOND_LOST, {"n2"}) is None
    assert steady.look(tick(1), _SECOND_LOST, {"n1"}) is not None


def test_a_condition_that_is_not_set_is_never_broken() -> None:
    steady = SteadyState(AbortSettings(node_lost=False, for_s=0))
    assert steady.look(tick(0, p95=1e6, errors=1e6), _SECOND_LOST, ()) is None


@pytest.mark.parametrize(
    ("figures", "key", "value"),
    [
        ({"p95": 600}, "abort.max_p95_ms", 600),
        # Clients that wait and get nothing measure no latency at all.
        ({"tps": 0, "p95": _NAN}, "abort.max_p95_ms", math.inf),
        ({"errors": 6}, "abort.max_errors_per_s", 6),
        ({"errors": _NAN, "failed": 7}, "abort.max_errors_per_s", 7),
        ({"errors": 1, "failed": _NAN, "of_mysql": 8}, "abort.max_errors_per_s", 8),
    ],
)
def test_a_limit_that_is_passed_is_named_with_what_was_measured(
    figures: dict[str, float], key: str, value: float
) -> None:
    steady = SteadyState(AbortSettings(max_p95_ms=500, max_errors_per_s=5, for_s=0))
    assert steady.look(tick(0), _WELL, ()) is None
    breach = steady.look(tick(1, **figures), _WELL, ())
    assert breach is not None
    assert (breach.key, breach.node, breach.value) == (key, "n2", value)


@given(st.lists(st.sampled_from(["good", "bad", "silent"]), max_size=30), st.integers(0, 5))
def test_it_breaks_when_the_last_good_tick_is_long_enough_ago(ticks: list[str], for_s: int) -> None:
    steady = SteadyState(AbortSettings(max_p95_ms=500, for_s=for_s))
    p95 = {"good": 20.0, "bad": 600.0, "silent": _NAN}
    first_bad: int | None = None
    for time_s, kind in enumerate(ticks):
        breach = steady.look(tick(time_s, p95=p95[kind]), _WELL, ())
        if kind == "good":
            first_bad = None
        elif kind == "bad" and first_bad is None:
            first_bad = time_s
        expected = kind == "bad" and first_bad is not None and time_s - first_bad >= for_s
        assert (breach is not None) is expected


def look(room: Room, time_s: float, *nodes: NodeStatus) -> None:
    """A tick."""
    room.verbs.abort_rule.look(tick(time_s), nodes)


@pytest.fixture
async def room(tmp_path: Path, own_places: None) -> AsyncGenerator[Room]:
    room = Room(tmp_path, AbortSettings(for_s=0))
    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(room.verbs.abort_rule.run())
        yield room
        loop.cancel()
    await room.verbs.clear_all()


async def until_left(room: Room, *ids: str) -> None:
    """Wait until only these are active."""
    async with asyncio.timeout(30):
        while {each.id for each in await room.watch.refresh()} != set(ids):  # noqa: ASYNC110 - it is on a node
            await asyncio.sleep(0.05)


def _aborts() -> list[audit_log.AuditRecord]:
    return [
        entry.record
        for entry in audit_log.read().entries
        if entry.record.what == "abort" and entry.record.result != "begun"
    ]


async def aborted() -> audit_log.AuditRecord:
    """The abort, once it is on the audit log."""
    await until(_aborts, "the abort")
    return _aborts()[0]


async def test_all_that_we_began_ends_and_it_is_told_and_written_down(room: Room) -> None:
    ids = {await room.inject("mark"), await room.inject("sleep")}
    look(room, 0, *_WELL)
    assert {each.id for each in await room.watch.refresh()} == ids
    look(room, 1, *_SECOND_LOST)
    await until_left(room)

    (event,) = (event for event in room.journal.newest_first() if "abort" in event.data)
    assert (event.level, event.node, event.data["abort"]["key"]) == ("error", "n2", "abort.node_lost")
    assert set(event.data["abort"]["ids"]) == ids
    act = await aborted()
    assert (act.nodes, act.result) == (("n2",), "done")
    assert act.parameters["key"] == "abort.node_lost"


async def test_what_others_began_is_left_alone(room: Room, tmp_path: Path) -> None:
    other = Room(tmp_path, AbortSettings())
    theirs = await other.inject("mark")
    await room.inject("mark")
    look(room, 0, *_SECOND_LOST)
    await until_left(room, theirs)


async def test_an_anomaly_that_cuts_its_node_off_may_go_on(room: Room) -> None:
    await room.inject("cut")
    look(room, 0, *_SECOND_LOST)
    look(room, 1, *_SECOND_LOST)
    assert not any("abort" in event.data for event in room.journal.newest_first())
    look(room, 2, NodeStatus("n1", ssh=_UP, sql=Link(LinkState.DOWN, "gone")), _SECOND_LOST[1])
    await until_left(room)


class Slow(LocalShell):
    """Tells when an injection has arrived, and holds back what came of it until it may be known."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.arrived = asyncio.Event()
        self.let_go = asyncio.Event()

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`."""
        result = await super().run(command, stdin=stdin, timeout_s=timeout_s)
        if " start " not in command:
            return result
        self.arrived.set()
        await self.let_go.wait()
        # The link breaks, as it may when a node is lost.
        raise UnreachableError("the connection broke", where=self.node)


async def test_what_is_just_being_begun_ends_as_well_and_says_why(tmp_path: Path, own_places: None) -> None:
    slow = Slow("n2")
    room = Room(tmp_path, AbortSettings(for_s=0), second=slow)
    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(room.verbs.abort_rule.run())
        injecting = tasks.create_task(_error_of(room.inject("mark")))
        await slow.arrived.wait()
        look(room, 0, *_SECOND_LOST)
        await aborted()
        slow.let_go.set()
        error = await injecting
        loop.cancel()
    assert "the abort rule ends it before it has begun: n2: the node is lost" in str(error)
    assert "abort.node_lost" in str(error)
    assert await room.watch.refresh() == ()


async def _error_of(work: Coroutine[Any, Any, object]) -> CommandFailedError:
    with pytest.raises(CommandFailedError) as caught:
        await work
    return caught.value


async def test_what_a_silent_node_kept_is_ended_though_the_cluster_has_recovered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(abort_rule, "_RETRY_S", 0)
    silent = Injection("1kept", "mark", "n1", "low", InjectionState.ACTIVE, 0, 60, "me@here")
    tries: list[tuple[str, ...]] = []

    async def end(_: Breach, ids: Sequence[str], _wanted: Callable[[], bool]) -> None:
        tries.append(tuple(ids))
        raise UnreachableError("connection lost", where="n1")

    rule = AbortRule(AbortSettings(for_s=0), HARMLESS, lambda: (silent,), end)
    step = Step("n1", "mark", (), (), id=silent.id)
    with rule.injecting(Plan(InjectionRequest("mark", ("n1",), "low", 60), (step,))):
        pass
    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(rule.run())
        rule.look(tick(0), _SECOND_LOST)
        async with asyncio.timeout(30):
            while len(tries) < 3:
                await asyncio.sleep(0)
                rule.look(tick(1), _WELL)
        loop.cancel()
    assert set(tries) == {(silent.id,)}


class Mute(LocalShell):
    """Counts how often it is asked to clear, and does nothing of it until it may."""

    asked = 0
    mute = False

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`."""
        if self.mute and " clear " in command:
            self.asked += 1
            raise UnreachableError("connection lost", where=self.node)
        return await super().run(command, stdin=stdin, timeout_s=timeout_s)


async def test_however_often_it_is_tried_it_is_one_act(
    tmp_path: Path, own_places: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(injections, "_RETRY_S", 0)
    # Both, because these share a directory of leases, and the other would end it.
    shells = [Mute("n1"), Mute("n2")]
    room = Room(tmp_path, AbortSettings(for_s=0), first=shells[0], second=shells[1])
    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(room.verbs.abort_rule.run())
        await room.inject("mark")
        for shell in shells:
            shell.mute = True
        look(room, 0, *_SECOND_LOST)
        await until(lambda: shells[1].asked >= 3, "three questions")
        assert _aborts() == []
        for shell in shells:
            shell.mute = False
        act = await aborted()
        loop.cancel()
    assert (act.result, len(_aborts())) == ("done", 1)
    assert act.parameters["tries"] > 3


async def test_nothing_is_begun_while_it_is_broken(room: Room) -> None:
    plan = await room.verbs.plan(InjectionRequest("mark", ("n1",), "low", 60))
    look(room, 0, *_SECOND_LOST)
    with pytest.raises(RefusedError, match=r"abort\.node_lost: the cluster is not in its steady state"):
        await room.verbs.inject(plan)
    assert audit_log.read().entries[-1].record.result == "refused"
    look(room, 1, *_WELL)
    assert len(await room.verbs.inject(plan)) == 1
