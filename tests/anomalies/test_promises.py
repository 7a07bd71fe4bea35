"""What the injector promises holds for each backend: leases on hosts, and objects of Chaos Mesh."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.clearing_errors import NotThereError
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.errors import CommandFailedError, RefusedError
from tests.anomalies.conftest import injector_here
from tests.anomalies.waiting import until_nothing_is_active

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.anomalies.injector import Injector
    from tests.anomalies.conftest import Here
    from tests.anomalies.kubernetes import Kubernetes


@dataclass(frozen=True)
class Made:
    """A backend under test: an anomaly, independent consoles, and what is left of injections.

    Attributes:
        short_s: as long as it must last to be there for sure, on a slow machine too.
    """

    anomaly: str
    short_s: float
    console: Callable[[], Injector]
    left: Callable[[], list[object]]

    async def inject(self, *nodes: str, duration_s: float = 60) -> tuple[Injection, ...]:
        """Make it happen, by a console of its own."""
        console = self.console()
        return await console.inject(await console.plan(InjectionRequest(self.anomaly, nodes, "low", duration_s)))


@pytest.fixture(params=["ssh", "chaos_mesh"])
def made(request: pytest.FixtureRequest, here: Here, kubernetes: Kubernetes) -> Made:
    """Each backend."""
    if request.param == "ssh":
        return Made("sleep", 3, lambda: injector_here(here.cluster, here.leases), lambda: list(here.left))
    return Made("cpu_stress", 8, kubernetes.injector, lambda: list(kubernetes.objects))


async def test_it_is_active_until_its_deadline_and_then_ends_by_itself(made: Made) -> None:
    (injection,) = await made.inject("n1", duration_s=made.short_s)
    assert (injection.state, injection.node, injection.severity) == (InjectionState.ACTIVE, "n1", "low")
    assert "@" in injection.owner
    assert injection.deadline_s - injection.started_s == pytest.approx(made.short_s, abs=2)
    await until_nothing_is_active(made.console())
    await made.console().clear_all()
    assert made.left() == []


async def test_any_console_finds_it_and_ends_it(made: Made) -> None:
    begun = await made.inject("n1", "n2")
    found = await made.console().active()
    assert {(each.id, each.node) for each in found} == {(each.id, each.node) for each in begun}
    assert {each.owner for each in found} == {each.owner for each in begun}
    cleared = await made.console().clear_all()
    assert {(each.id, each.state) for each in cleared} == {(each.id, InjectionState.CLEARED) for each in begun}
    assert made.left() == []
    assert await made.console().clear_all() == ()


async def test_ending_one_leaves_the_other_of_its_kind_on_the_same_node(made: Made) -> None:
    (first,) = await made.inject("n1")
    (second,) = await made.inject("n1")
    (cleared,) = await made.console().clear([first.id])
    assert (cleared.id, cleared.state) == (first.id, InjectionState.CLEARED)
    (left,) = await made.console().active()
    assert left.id == second.id
    assert left.deadline_s == pytest.approx(second.deadline_s, abs=2)


async def test_what_is_not_there_is_said_and_the_rest_is_ended(made: Made) -> None:
    (injection,) = await made.inject("n1")
    with pytest.raises(NotThereError, match="no node has an injection called 0nothing") as caught:
        await made.console().clear([injection.id, "0nothing"])
    assert [each.id for each in caught.value.ended] == [injection.id]
    assert made.left() == []


async def test_a_plan_changes_nothing_and_is_used_once(made: Made) -> None:
    console = made.console()
    plan = await console.plan(InjectionRequest(made.anomaly, ("n1",), "low", 60))
    assert made.left() == []
    assert plan.steps[0].commands
    assert plan.steps[0].undo
    await console.inject(plan)
    with pytest.raises(CommandFailedError, match="is there already"):
        await console.inject(plan)


async def test_the_next_one_on_the_node_is_planned_with_a_warning(made: Made) -> None:
    (injection,) = await made.inject("n1")
    plan = await made.console().plan(InjectionRequest(made.anomaly, ("n1",), "low", 60))
    assert any(f"({injection.id}) is on n1 already" in warning for warning in plan.warnings)


async def test_limits_hold(made: Made) -> None:
    with pytest.raises(RefusedError, match=r"protect\.max_duration_s"):
        await made.inject("n1", duration_s=100_000)


async def test_ending_everything_at_once_from_two_consoles_is_no_trouble(made: Made) -> None:
    await made.inject("n1", "n2")
    answers = await asyncio.gather(made.console().clear_all(), made.console().clear_all())
    assert all(each.state is InjectionState.CLEARED for answer in answers for each in answer)
    assert made.left() == []
