"""Compound injections on this machine as two nodes: what begins when, what fails alone, and what is called off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.compound import CompoundPart, CompoundRequest
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.errors import CommandFailedError, RefusedError
from distdiag_core.operations import last_injection
from distdiag_core.operations.compound_injection import PartState
from distdiag_core.recording import audit_log
from tests.operations.local_injections import Room

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("own_places")


def part(anomaly: str, node: str, offset_s: float = 0.0, duration_s: float = 60) -> CompoundPart:
    """One anomaly on one node."""
    return CompoundPart(InjectionRequest(anomaly, (node,), "low", duration_s), offset_s)


def acts() -> list[tuple[str, str]]:
    """The audit log, in short."""
    return [(entry.record.what, entry.record.result) for entry in audit_log.read().entries]


async def test_each_part_begins_at_its_offset_and_is_on_the_trail(tmp_path: Path) -> None:
    room = Room(tmp_path)
    request = CompoundRequest((part("mark", "n2", 0.5), part("mark", "n1")), "both")
    told: list[str] = []

    status = await room.verbs.inject_compound(await room.verbs.plan_compound(request), tell=told.append)

    first, second = status.parts
    assert status.began_s is not None
    assert (first.node, second.node) == ("n1", "n2")
    assert second.begun_s is not None
    assert second.begun_s - status.began_s >= 0.5
    assert {each.state for each in status.parts} == {PartState.ACTIVE}
    assert sorted(told) == [f"mark low on {node}: {what}" for node in ("n1", "n2") for what in ("begins", "proved")]
    assert sorted(acts()) == [("inject", "done"), ("inject", "done"), ("inject compound", "done")]
    assert len({entry.record.parameters["act"] for entry in audit_log.read().entries}) == 1
    again = last_injection.last("here")
    assert again is not None
    assert again.parts == (part("mark", "n1"), part("mark", "n2", 0.5))

    await room.verbs.clear([first.id])
    now = room.verbs.compound
    assert now is not None
    assert [each.state for each in now.parts] == [PartState.ENDED, PartState.ACTIVE]
    assert [each.state for each in await room.verbs.clear_all()] == [InjectionState.CLEARED]
    assert room.verbs.compound is not None
    assert room.verbs.compound.is_over


async def test_nothing_begins_where_one_part_is_refused(tmp_path: Path) -> None:
    room = Room(tmp_path)
    request = CompoundRequest((part("mark", "n1"), part("mark", "n2", duration_s=1e6)))
    with pytest.raises(RefusedError, match=r"protect\.max_duration_s"):
        await room.verbs.plan_compound(request)
    assert await room.verbs.active() == ()
    assert acts() == [("plan", "refused")]
    assert last_injection.last("here") is None


async def test_nothing_begins_where_the_nodes_forbid_it_by_the_time_it_is_confirmed(tmp_path: Path) -> None:
    room = Room(tmp_path)
    plan = await room.verbs.plan_compound(CompoundRequest((part("mark", "n1"), part("mark", "n2"))))
    left = await room.inject("reluctant")
    await room.verbs.clear([left])
    with pytest.raises(RefusedError, match="rule on orphans"):
        await room.verbs.inject_compound(plan)
    assert [(each.node, each.state) for each in await room.verbs.active()] == [("n2", InjectionState.ORPHANED)]
    assert acts()[-1] == ("inject compound", "refused")
    (tmp_path / "let-go").touch()
    await room.verbs.clear_all()


async def test_a_part_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    room = Room(tmp_path)
    plan = await room.verbs.plan_compound(CompoundRequest((part("failing", "n1"), part("mark", "n2"))))
    status = await room.verbs.inject_compound(plan)
    assert [each.state for each in status.parts] == [PartState.FAILED, PartState.ACTIVE]
    assert "no such luck" in status.problems[0]
    assert [each.anomaly for each in await room.verbs.active()] == ["mark"]
    await room.verbs.clear_all()


async def test_clearing_all_calls_off_what_is_to_come(tmp_path: Path) -> None:
    room = Room(tmp_path)
    plan = await room.verbs.plan_compound(CompoundRequest((part("mark", "n1"), part("mark", "n2", 500, 50))))
    proved = asyncio.Event()

    def tell(text: str) -> None:
        if text.endswith("proved"):
            proved.set()

    running = asyncio.create_task(room.verbs.inject_compound(plan, tell=tell))
    await proved.wait()
    with pytest.raises(RefusedError, match="is on its way"):
        await room.verbs.inject_compound(plan)
    assert [each.node for each in await room.verbs.clear_all()] == ["n1"]
    status = await running
    assert [each.state for each in status.parts][1] is PartState.CALLED_OFF
    assert await room.verbs.active() == ()


async def test_one_anomaly_fails_with_its_own_error(tmp_path: Path) -> None:
    room = Room(tmp_path)
    plan = await room.verbs.plan_compound(CompoundRequest((part("failing", "n1"),)))
    with pytest.raises(CommandFailedError, match="no such luck"):
        await room.verbs.inject_compound(plan)
    assert acts() == [("inject", "failed")]
