"""A name of the cluster file that the node does not have is said, on every way that reads the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.status import Link, LinkState, NodeStatus
from distdiag_core.metrics.sources.host.local_host import LocalHostSource
from distdiag_core.metrics.sources.host.remote_host import HostSource
from distdiag_core.runtime.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.metrics.source import Source

Names = dict[str, str]
WAYS: dict[str, Callable[[Names], Source]] = {
    "remote": lambda names: HostSource(LocalShell("n1"), **names),
    "local": lambda names: LocalHostSource(**names),
}
NO_DISK = "data_dir: '/proc' lies on 'proc', which is no disk of the node"
ON_NO_DISK = f"{NO_DISK}; its disk metrics are unknown until device names one"
CASES: list[tuple[Names, tuple[str, ...]]] = [
    ({}, ()),
    ({"interface": "lo"}, ()),
    ({"interface": "eth77"}, ("interface: the node has no 'eth77'; its network metrics are unknown",)),
    ({"device": "odd7"}, ("device: the node has no disk 'odd7'; its disk metrics are unknown",)),
    ({"data_dir": "/no/such"}, ("data_dir: the node has no directory '/no/such'; its disk metrics are unknown",)),
    ({"data_dir": "/proc"}, (ON_NO_DISK,)),
    (
        {"device": "odd7", "interface": "eth77"},
        (
            "device: the node has no disk 'odd7'; its disk metrics are unknown",
            "interface: the node has no 'eth77'; its network metrics are unknown",
        ),
    ),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("names", "notes"), CASES)
async def test_missing_name_is_noted(way: str, names: Names, notes: tuple[str, ...]) -> None:
    source = WAYS[way](names)
    try:
        assert (await source.read()).notes == notes
    finally:
        await source.close()


def test_all_reasons_of_a_node_are_told_and_none_twice() -> None:
    down = Link(LinkState.DOWN, "refused: nothing listens there")
    snapshot = object.__new__(Snapshot)
    for name, value in {
        "nodes": (NodeStatus("n1", ssh=Link(LinkState.UP), sql=down),),
        "troubles": {
            ("n1", "sysstat"): "n1: sql: refused: nothing listens there",
            ("n1", "host"): "n1: host: the login shell said 'no'",
            ("n2", "host"): "n2: host: other",
        },
        "notes": {"n1": ("device: the node has no disk 'x'",)},
    }.items():
        object.__setattr__(snapshot, name, value)
    assert snapshot.reasons("n1") == (
        "sql: refused: nothing listens there",
        "n1: host: the login shell said 'no'",
        "device: the node has no disk 'x'",
    )
