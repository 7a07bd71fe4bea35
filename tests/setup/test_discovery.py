"""The other nodes of a cluster, from the list of servers of one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DistdiagError
from distdiag_core.setup.cluster_draft import ClusterDraft, NodeDraft, node_of
from distdiag_core.setup.discovery import discover, recognize
from distdiag_core.setup.privileges import sql_statements
from tests.cluster.certificates import Authority
from tests.cluster.server_views import THREE, ServerViews
from tests.cluster.tls_server import TlsServer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from tests.cluster.tls_server import Rows


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


@pytest.mark.parametrize("read_only", [True, False])
async def test_mysql_and_mariadb_get_sources_and_grants_of_their_own(
    tmp_path: Path, free_port: Callable[[], int], *, read_only: bool
) -> None:
    def answer(_connection: socket.socket, statement: str) -> Rows | int | None:
        return [("version_comment", "Debian 12")] if statement.startswith("SHOW VARIABLES") else None

    server = TlsServer(Authority(tmp_path).sign("server"), requires=False, offers=False, answer=answer)
    with server as database:
        asked = replace(draft(database.port), read_only=read_only)
        by_list = await discover(asked)
        # The first of the two is none, so that the second one says it.
        absent = NodeDraft("n0", "127.0.0.1", sql_port=free_port())
        by_name = await recognize(replace(asked, nodes=(absent, *asked.nodes)))

    for found in (by_list, by_name):
        assert "the server is no OceanBase but Debian 12" in found.notes[0]
        assert found.draft.settings().sources == ("host", "mysql_status")
    statements = sql_statements(by_list.draft)
    assert statements[:2] == (
        "CREATE USER IF NOT EXISTS 'watcher' IDENTIFIED BY '...';",
        "GRANT PROCESS ON *.* TO 'watcher';",
    )
    assert [each.partition(" ON ")[0] for each in statements[2:]] == (
        [] if read_only else ["GRANT CREATE, DROP, INDEX, SELECT, INSERT, UPDATE, DELETE"]
    )


async def test_oceanbase_keeps_the_usual_sources(tmp_path: Path) -> None:
    with ServerViews("4 sys").listening(tmp_path) as database:
        found = await recognize(draft(database.port))
    assert (found.draft.sources, found.notes) == ((), ())
    assert "GRANT SELECT ON oceanbase.* TO 'watcher';" in sql_statements(found.draft)


async def test_a_node_that_does_not_answer_is_an_error(free_port: Callable[[], int]) -> None:
    with pytest.raises(DistdiagError, match=r"nothing listens there; check .* its port for SQL: 2881"):
        await discover(draft(free_port()))


def test_a_node_with_all_values_reads_back_as_it_was_written() -> None:
    nodes = (NodeDraft("007", "fe80::1", "yes", 2883), NodeDraft("here", "127.0.0.1", local=True))
    settings = replace(draft(2882), nodes=nodes).settings()

    first, here = settings.nodes
    assert first.sql is not None
    assert (first.name, first.host, first.zone, first.sql.port) == ("007", "fe80::1", "yes", 2883)
    assert here.connection == "local"
