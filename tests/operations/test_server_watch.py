"""Servers that a running cluster gets, loses and moves, by the views of a server of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.cluster.status import LinkState
from distdiag_core.operations.server_watch import ServerWatch
from distdiag_core.recording.journal import Journal
from tests.cluster.server_views import THREE, ServerViews
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

_FIRST = THREE[1]


async def _connected(cluster: Cluster) -> None:
    await until(lambda: cluster.nodes[0].status.sql.state is LinkState.UP, "the connection")


def settings(port: int, zone: str = "z1") -> ClusterSettings:
    sql = SqlSettings(user="watcher", port=port, connect_timeout_s=60.0, read_timeout_s=60.0)
    node = NodeSettings("n1", "127.0.0.1", zone=zone, connection="local", ssh=SshSettings(), sql=sql)
    return ClusterSettings("c", (node,))


@pytest.mark.usefixtures("own_places")
async def test_a_difference_is_an_event_when_it_begins_and_when_it_is_over(tmp_path: Path) -> None:
    views = ServerViews("4 sys", servers=(_FIRST,))
    journal = Journal()
    with views.listening(tmp_path) as server:
        async with Cluster(settings(server.port)) as cluster:
            watch = ServerWatch(cluster, journal)
            await _connected(cluster)

            assert await watch.look()
            assert journal.newest_first() == ()

            views.servers = ((*_FIRST[:3], "z9", "INACTIVE", "None"), ("10.0.0.14", 2882, 2881, "z4", "ACTIVE", "None"))
            await watch.look()
            await watch.look()
            began = [event.text for event in reversed(journal.newest_first())]

            views.servers = (_FIRST,)
            await watch.look()
            ended = [event.text for event in reversed(journal.newest_first())][len(began) :]

    assert {text.partition(";")[0] for text in began} == {
        "10.0.0.14:2881 in the zone z4 is not in the cluster file: it is not watched",
        "n1 is in the zone z9, and in z1 by the cluster file",
        "n1 (10.0.0.11:2881) is inactive",
    }
    assert len(began) == 3
    assert len(ended) == 3
    assert all(text.startswith("no longer so: ") for text in ended)


@pytest.mark.usefixtures("own_places")
async def test_a_list_that_is_denied_is_said_once(tmp_path: Path) -> None:
    views = ServerViews("4 sys")
    views.denied = frozenset({"DBA_OB_SERVERS", "GV$OB_SERVERS"})
    journal = Journal()
    with views.listening(tmp_path) as server:
        given = settings(server.port)
        async with Cluster(replace(given, name="denied")) as cluster:
            watch = ServerWatch(cluster, journal)
            assert not await watch.look()
            await _connected(cluster)
            assert await watch.look()
            assert await watch.look()

    (event,) = journal.newest_first()
    assert "GRANT SELECT ON oceanbase.* TO 'watcher'" in event.text
