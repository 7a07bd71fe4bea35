"""Every operation passes the gate, and no front end can forget a rule."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.errors import RefusedError
from distdiag_core.obdiag.obdiag_settings import ObdiagSettings
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.gate import OPERATIONS, Gate, Permission, check
from distdiag_core.operations.injections import Injections
from distdiag_core.operations.obdiag import Obdiag
from distdiag_core.operations.parameters import Parameters
from distdiag_core.operations.sessions import Sessions
from distdiag_core.operations.workloads import Workloads, connect_workloads
from distdiag_core.recording import audit_log
from distdiag_core.recording.journal import Journal
from distdiag_core.workloads.workload_request import WorkloadRequest
from tests.operations.local_injections import Room

if TYPE_CHECKING:
    from pathlib import Path

NODES = tuple(
    NodeSettings(name, "127.0.0.1", ssh=SshSettings(user="operator"), sql=SqlSettings()) for name in ("n1", "n2", "n3")
)
OPEN = ClusterSettings("shop", NODES, read_only=False)
CHANGING = sorted(name for name, each in OPERATIONS.items() if each.effect in ("changes", "collects"))
COLLECTING = sorted(name for name, each in OPERATIONS.items() if each.effect == "collects")

_FORBIDDING = {
    "read_only": replace(OPEN, read_only=True),
    "production": replace(OPEN, production=True),
    "protect.nodes": replace(OPEN, sections=(Protection(nodes=("n2",)),)),
    "protect.max_nodes": replace(OPEN, sections=(Protection(max_nodes=1),)),
}

pytestmark = pytest.mark.usefixtures("own_places")


@pytest.mark.parametrize("room", [Injections, Workloads, Sessions, Parameters, Obdiag])
def test_every_public_operation_is_in_the_table(room: type) -> None:
    offered = {name for name, member in vars(room).items() if inspect.iscoroutinefunction(member) and name[0] != "_"}
    listed = {each.method.partition(".")[2] for each in OPERATIONS.values() if each.method.startswith(room.__name__)}
    # The abort rule is no front end's.
    assert offered == listed - {"abort"}


@pytest.mark.parametrize("name", CHANGING)
@pytest.mark.parametrize("key", _FORBIDDING)
def test_what_changes_a_cluster_is_held_against_every_rule(name: str, key: str) -> None:
    with pytest.raises(RefusedError, match=key):
        check(_FORBIDDING[key], name, ("n1", "n2"))
    check(OPEN, name, ("n1", "n2"))


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - set(CHANGING)))
@pytest.mark.parametrize("key", _FORBIDDING)
def test_what_ends_or_only_looks_is_always_allowed(name: str, key: str) -> None:
    check(_FORBIDDING[key], name, ("n1", "n2"))


@pytest.mark.parametrize("name", CHANGING)
def test_a_read_only_cluster_whose_file_allows_it_lets_obdiag_collect_files_and_nothing_else(name: str) -> None:
    allowed = replace(_FORBIDDING["read_only"], sections=(ObdiagSettings(on_read_only=True),))
    if name in COLLECTING:
        check(allowed, name)
    else:
        with pytest.raises(RefusedError, match="read_only"):
            check(allowed, name)
    with pytest.raises(RefusedError, match="production" if name in COLLECTING else "read_only"):
        check(replace(allowed, production=True), name)


def test_a_production_cluster_is_changed_when_its_name_was_repeated() -> None:
    check(_FORBIDDING["production"], "inject", ("n1",), "shop")
    with pytest.raises(RefusedError, match="marked production"):
        check(_FORBIDDING["production"], "inject", ("n1",), "another")


@pytest.mark.parametrize("key", _FORBIDDING)
@pytest.mark.parametrize("verb", ["prepare", "start", "cleanup"])
async def test_workloads_are_refused_before_any_node_is_asked(key: str, verb: str) -> None:
    async with connect_workloads(_FORBIDDING[key]) as workloads:
        with pytest.raises(RefusedError, match=key):
            await getattr(workloads, verb)(WorkloadRequest(nodes=("n1", "n2")))
    (entry,) = audit_log.read().entries
    assert (entry.record.result, key in entry.record.reason) == ("refused", True)


async def test_injecting_is_refused_where_the_audit_log_cannot_be_written(tmp_path: Path) -> None:
    room = Room(tmp_path)
    plan = await room.verbs.plan(InjectionRequest("mark", ("n2",), "low", 60))
    places.audit_file().parent.mkdir(parents=True, exist_ok=True)
    places.audit_file().mkdir()

    with pytest.raises(RefusedError, match="--without-audit"):
        await room.verbs.inject(plan)

    assert await room.verbs.active() == ()


async def test_clearing_goes_on_where_the_audit_log_cannot_be_written(tmp_path: Path) -> None:
    room = Room(tmp_path)
    name = await room.inject("mark")
    places.audit_file().unlink()
    places.audit_file().mkdir()

    (cleared,) = await room.verbs.clear_all()

    assert cleared.id == name
    assert await room.verbs.active() == ()
    assert any("cannot be written" in event.text for event in room.journal.newest_first())


async def test_without_audit_goes_on() -> None:
    journal = Journal()
    gate = Gate(OPEN, Auditor("shop", Cluster(OPEN), journal), Permission(needs_audit=False))
    places.audit_file().parent.mkdir(parents=True, exist_ok=True)
    places.audit_file().mkdir()
    done = False

    async with gate.operation("inject", ("n1",)):
        done = True

    assert done
    assert "cannot be written" in journal.newest_first()[0].text
