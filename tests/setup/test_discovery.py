"""The other nodes of a cluster, from the list of servers of one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DistdiagError
from distdiag_core.setup.cluster_draft import ClusterDraft, NodeDraft, node_of
from distdiag_core.setup.discovery import discover
from tests.cluster.server_views import THREE, ServerViews

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def draft(port: int) -> ClusterDraft:
    return ClusterDraft("shop", (node_of("n1", "127.0.0.1"),), sql_user="watcher", sql_port=port)


async def test_the_others_come_with_zone_and_port_and_the_first_keeps_its_address(tmp_path: Path) -> None:
    with ServerViews("4 sys", own=("10.0.0.12", 2882)).listening(tmp_path) as database:
        found = await discover(draft(database.port))

    assert found.draft.nodes == (
        NodeDraft("n1", "10.0.0.11", "z1", 2881),
        NodeDraft("n2", "127.0.0.1", "z2"),
        NodeDraft("n3", "10.0.0.13", "z3", 2881),
    )
    assert found.notes[:3] == (
        "3 servers by DBA_OB_SERVERS",
        "n2 (10.0.0.12:2883) is stopped",
        "n3 (10.0.0.13:2881) is inactive",
    )
    assert "127.0.0.1 is 10.0.0.12 among the servers" in found.notes[3]
    # What was found is a cluster file.
    assert [node.zone for node in found.draft.settings().nodes] == ["z1", "z2", "z3"]


async def test_a_proxy_is_no_node(tmp_path: Path) -> None:
    with ServerViews("4 without DBA views", own=("10.9.9.9", 2882)).listening(tmp_path) as database:
        found = await discover(draft(database.port))

    assert [node.host for node in found.draft.nodes] == [server[0] for server in sorted(THREE)]
    assert "127.0.0.1 is none of them: it may be a proxy" in found.notes[1]


async def test_an_account_of_a_tenant_is_told_that_there_may_be_more(tmp_path: Path) -> None:
    with ServerViews("4 user tenant").listening(tmp_path) as database:
        found = await discover(draft(database.port))

    assert "these hold data of the tenant" in found.notes[1]
    # The statistics of sys, which are the default, would not be seen.
    assert found.draft.settings().watched_tenants == ("shop",)
    assert any("tenants by DBA_OB_TENANTS: shop (user, mysql, primary)" in note for note in found.notes)


async def test_a_node_that_does_not_answer_is_an_error(free_port: Callable[[], int]) -> None:
    with pytest.raises(DistdiagError, match="nothing listens there"):
        await discover(draft(free_port()))


def test_a_node_with_all_values_reads_back_as_it_was_written() -> None:
    nodes = (NodeDraft("007", "fe80::1", "yes", 2883), NodeDraft("here", "127.0.0.1", local=True))
    settings = replace(draft(2882), nodes=nodes).settings()

    first, here = settings.nodes
    assert first.sql is not None
    assert (first.name, first.host, first.zone, first.sql.port) == ("007", "fe80::1", "yes", 2883)
    assert here.connection == "local"
