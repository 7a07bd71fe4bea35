"""The servers of a cluster by the views of each version, and beside a cluster file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
from distdiag_core.cluster.server_list import (
    ListedServer,
    ServerList,
    differences,
    list_servers,
    node_addresses,
)
from distdiag_core.errors import UnsupportedError
from tests.cluster.server_views import ServerViews

if TYPE_CHECKING:
    from pathlib import Path

# What views with states say of the three, and what views without them say.
STATED = ["active", "stopped", "inactive"]
UNSTATED = ["", "", ""]


@pytest.mark.parametrize(
    ("version", "view", "states"),
    [
        ("4 sys", "oceanbase.DBA_OB_SERVERS", STATED),
        ("4 without DBA views", "oceanbase.GV$OB_SERVERS", UNSTATED),
        ("4 user tenant", "oceanbase.DBA_OB_LS_LOCATIONS", UNSTATED),
        ("3", "oceanbase.__all_server", STATED),
    ],
)
async def test_the_list_of_each_version(version: str, view: str, states: list[str], tmp_path: Path) -> None:
    async with ServerViews(version).connected(tmp_path) as database:
        listed = await list_servers(database)

    assert listed.view == view
    assert listed.shared
    assert [each.place for each in listed.servers] == ["10.0.0.11:2881", "10.0.0.12:2883", "10.0.0.13:2881"]
    assert [each.zone for each in listed.servers] == ["z1", "z2", "z3"]
    assert [each.state for each in listed.servers] == states
    assert [each.asked for each in listed.servers] == [True, False, False]


async def test_an_account_without_the_views_gets_the_statement_that_grants_them(tmp_path: Path) -> None:
    views = ServerViews("4 sys")
    views.denied = frozenset({"DBA_OB_SERVERS", "GV$OB_SERVERS"})
    async with views.connected(tmp_path) as database:
        with pytest.raises(UnsupportedError) as caught:
            await list_servers(database, "watcher@sys")

    assert "GRANT SELECT ON oceanbase.* TO 'watcher'" in caught.value.hint


def node(name: str, host: str, zone: str = "") -> NodeSettings:
    return NodeSettings(name, host, zone=zone, sql=SqlSettings())


LISTED = ServerList(
    (
        ListedServer("10.0.0.11", 2882, 2881, "z1", "active"),
        ListedServer("10.0.0.12", 2882, 2881, "z2", "inactive"),
        ListedServer("10.0.0.13", 2882, 2883, "z3", "active"),
        ListedServer("10.0.0.14", 2882, 2881, "z3", ""),
    ),
    "oceanbase.DBA_OB_SERVERS",
)


async def test_servers_and_zones_that_the_cluster_file_has_otherwise() -> None:
    # The first by a name, which it says itself to be this server.
    nodes = (node("n1", "db1.example", "z9"), node("n2", "10.0.0.12", "z2"), node("old", "10.0.0.99"))
    addresses = {each.name: await node_addresses(each, None) for each in nodes[1:]}
    found = differences(LISTED, nodes, addresses | {"n1": frozenset({("10.0.0.11", "2882")})})

    assert [each.what for each in found] == [
        "n1 is in the zone z1, and in z9 by the cluster file",
        "n2 (10.0.0.12:2881) is inactive",
        "10.0.0.13:2883 in the zone z3 is not in the cluster file: it is not watched",
        "10.0.0.14:2881 in the zone z3 is not in the cluster file: it is not watched",
        "old (10.0.0.99) is none of the servers of the cluster",
    ]
    lines = [each.fix.partition("nodes: ")[2] for each in found[2:4]]
    assert lines == [
        "- {name: n3, host: 10.0.0.13, zone: z3, sql: {port: 2883}}",
        "- {name: n4, host: 10.0.0.14, zone: z3}",
    ]


async def test_a_cluster_file_that_has_all_of_them() -> None:
    nodes = [node("a", "10.0.0.11", "z1")]
    one = ServerList(LISTED.servers[:1], LISTED.view)
    assert differences(one, nodes, {"a": await node_addresses(nodes[0], None)}) == ()
