"""Sources that are switched off and on while the core runs, on this machine as a node."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError
from distdiag_core.metrics.source import metrics_of
from distdiag_core.recording.journal import Journal
from distdiag_core.runtime.live_sources import LiveSources
from distdiag_core.runtime.runtime import Runtime
from tests.runtime.test_runtime import cluster, until

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot


def _is_known(snapshot: Snapshot) -> bool:
    return not math.isnan(snapshot.frame.value("here", "host.memory.used"))


@pytest.mark.usefixtures("own_places")
async def test_a_source_that_is_off_is_not_read_accuses_no_node_and_comes_back() -> None:
    async with Runtime(cluster()) as runtime:
        await until(runtime, _is_known)
        runtime.sources.switch("host", on=False)
        off = await until(runtime, lambda snapshot: not _is_known(snapshot))
        off = await until(runtime, lambda snapshot: snapshot.tick > off.tick + 5)
        assert not _is_known(off)
        assert math.isnan(off.frame.value("here", "connection.host"))
        assert off.late_s > 0
        assert off.diagnosis is not None
        assert not off.diagnosis.anomalous
        assert [(each.name, each.on, each.metrics > 0) for each in off.sources] == [
            ("host", False, False), ("sysstat", True, True),
        ]  # fmt: skip
        assert ("here", "sysstat") in off.troubles
        assert all(source != "host" for _, source in off.troubles)
        assert off.events[0].text.startswith("the source host is no longer read")
        runtime.sources.switch("host", on=False)
        assert runtime.snapshot() is not None
        runtime.sources.switch("host", on=True)
        await until(runtime, _is_known)
        with pytest.raises(ConfigError, match="names no source 'prometheus'"):
            runtime.sources.switch("prometheus", on=True)


def test_a_source_that_replaces_another_leaves_unread_what_it_does_not_have() -> None:
    both = cluster(sources=("host", "obdiag"))
    known = metrics_of(both.sources, both)
    journal = Journal()
    sources = LiveSources(both, known, journal, {})
    assert sources.unread.newest == frozenset()
    sources.switch("host", on=False)
    unread = sources.unread.newest
    assert "host.memory.used" in unread
    assert unread < {*known.names}
    (event,) = journal.newest_first()
    assert event.data["unread"] == sorted(unread)
    sources.switch("host", on=True)
    assert sources.unread.newest == frozenset()
