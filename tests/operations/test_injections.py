"""Operations on injections: what ends, what is tried again, and what the audit log has of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distdiag_core import places
from distdiag_core.anomalies.clearing_errors import NotThereError, PartlyClearedError
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.cluster.inventory import SqlSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import CommandFailedError, RefusedError, UnreachableError
from distdiag_core.recording import audit_log
from tests.operations.local_injections import Room

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cluster.shell import CommandResult

pytestmark = pytest.mark.usefixtures("own_places")


class ComesAndGoes(LocalShell):
    """A node that answers while it is there."""

    there = True

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`."""
        if not self.there:
            raise UnreachableError("no route to host", where=f"{self.node}: ssh")
        return await super().run(command, stdin=stdin, timeout_s=timeout_s)


def acts() -> list[tuple[str, str]]:
    """The audit log, in short."""
    return [(entry.record.what, entry.record.result) for entry in audit_log.read().entries]


async def test_what_is_begun_and_ended_is_on_the_trail_with_its_ids(tmp_path: Path) -> None:
    room = Room(tmp_path)
    name = await room.inject("mark")
    await room.verbs.clear([name])
    injected, cleared = audit_log.read().entries
    assert injected.record.parameters["ids"] == cleared.record.parameters["ids"] == [name]
    assert (injected.record.nodes, injected.record.parameters["severity"]) == (("n2",), "low")
    assert acts() == [("inject", "done"), ("clear", "done")]


async def test_a_plan_that_is_refused_is_on_the_trail_once(tmp_path: Path) -> None:
    room = Room(tmp_path)
    for _ in range(2):
        with pytest.raises(RefusedError, match=r"protect\.max_duration_s"):
            await room.verbs.plan(InjectionRequest("mark", ("n1",), "low", 1e6))
    (entry,) = audit_log.read().entries
    assert (entry.record.what, entry.record.result) == ("plan", "refused")
    assert "protect.max_duration_s" in entry.record.reason


async def test_what_has_ended_already_is_no_mistake(tmp_path: Path) -> None:
    room = Room(tmp_path)
    name = await room.inject("mark")
    assert [each.state for each in await room.verbs.clear([name])] == [InjectionState.CLEARED]
    assert await room.verbs.clear([name]) == ()


async def test_what_nobody_knows_is_a_mistake_and_the_rest_is_cleared(tmp_path: Path) -> None:
    room = Room(tmp_path)
    name = await room.inject("mark")
    with pytest.raises(NotThereError, match="no node has an injection called 0nothing") as caught:
        await room.verbs.clear([name, "0nothing"])
    assert [each.id for each in caught.value.ended] == [name]
    assert caught.value.exit_code == 1
    assert await room.watch.refresh() == ()


async def test_clearing_goes_on_until_a_silent_node_answers(tmp_path: Path) -> None:
    second = ComesAndGoes("n2")
    room = Room(tmp_path, second=second)
    name = await room.inject("mark")
    second.there = False
    tried = asyncio.Event()
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        tried.set()

    clearing = asyncio.create_task(room.verbs.clear_all(60, tell))
    await tried.wait()
    second.there = True
    assert [(each.id, each.state) for each in await clearing] == [(name, InjectionState.CLEARED)]
    assert await room.watch.refresh() == ()
    assert "n2 cannot be asked" in told[0]
    assert "no route to host" in told[0]
    assert "trying again for another" in told[0]
    assert acts()[-1] == ("clear all", "done")


async def test_a_silent_node_is_named_when_nobody_waits_for_it(tmp_path: Path) -> None:
    second = ComesAndGoes("n2")
    second.there = False
    room = Room(tmp_path / "ours", second=second)
    with pytest.raises(PartlyClearedError, match="n2 cannot be asked") as caught:
        await room.verbs.clear_all()
    assert list(caught.value.silent) == ["n2"]
    assert acts() == [("clear all", "failed")]


async def test_clearing_nothing_twice_is_fine(tmp_path: Path) -> None:
    room = Room(tmp_path)
    assert await room.verbs.clear_all() == ()
    assert await room.verbs.clear_all() == ()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    secret=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(
        lambda text: f"pw-{text}"
    ),
    around=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
async def test_a_password_never_lands_on_the_trail(
    secret: str, around: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", secret)
    room = Room(tmp_path_factory.mktemp("room"), sql=SqlSettings(password_env="SHOP_PASSWORD"))
    error = CommandFailedError(f"Access denied{around}{secret}{around}", where=f"n1: mysql -p{secret}", hint=secret)
    with pytest.raises(CommandFailedError):
        async with room.auditor.record("inject", nodes=("n1",), command=[f"{around}{secret}", {secret: secret}]):
            raise error
    (entry,) = audit_log.read().entries[-1:]
    log = places.audit_file().read_text(encoding="utf-8")
    places.audit_file().unlink()
    assert secret not in repr(entry)
    assert secret not in log
    assert "Access denied" in log
