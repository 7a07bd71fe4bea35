"""The backfill from the history of tsar: read on a schedule by the stand-in for obdiag, and put into a recording."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.metrics.source import metrics_of, read_by
from distdiag_core.operations.backfill_reader import BackfillReader, readers_of
from distdiag_core.operations.obdiag import connect_obdiag
from distdiag_core.recording import audit_log
from distdiag_core.recording.journal import Journal
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recording_file import RecordingFile
from distdiag_core.recording.schema import RecordingMeta

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.obdiag import Obdiag
    from tests.obdiag.conftest import StandIn

    Make = Callable[..., ClusterSettings]

# Local time of the node, as tsar prints it.
_MINUTE_S = 60


def _table(*ages_s: float, now_s: float) -> str:
    lines = [
        "Time           -----------------------cpu----------------------",
        "Time             user     sys    wait    hirq    sirq    util",
    ]
    for age_s in ages_s:
        stamp = time.strftime("%d/%m/%y-%H:%M", time.localtime(now_s - age_s))
        lines.append(f"{stamp}  41.00    9.00    0.10    0.00    0.05   50.05")
    return "\n".join(lines) + "\n"


def _plays(stand_in: StandIn, now_s: float, *ages_s: float) -> None:
    texts = {"one_day_cpu_data.txt": _table(*ages_s, now_s=now_s)}
    stand_in.plays(data={"store_dir": "x"}, archives={"127.0.0.1": texts})


@pytest.fixture
def local(cluster: Make, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ClusterSettings]:
    """The cluster with its node behind SSH left out."""
    monkeypatch.setenv("TEST_OB_PASSWORD", "secret")

    def make(**changes: object) -> ClusterSettings:
        made = cluster(**changes)
        return replace(made, nodes=made.nodes[:1], sources=("obdiag", "host"))

    return make


def _reader(settings: ClusterSettings, verbs: Obdiag, journal: Journal, path: Path | None) -> BackfillReader:
    (reader,) = readers_of(settings, verbs, journal, path).values()
    return reader


def _recording(settings: ClusterSettings, tmp_path: Path) -> Path:
    path = tmp_path / "shop-1.db"
    catalogue = metrics_of(settings.sources, settings)
    RecordingFile(path, RecordingMeta.of(settings, catalogue, time.time())).close()
    return path


async def test_it_becomes_backfill_once_with_its_own_times_and_its_age_is_known(
    local: Make, stand_in: StandIn, tmp_path: Path
) -> None:
    settings = local()
    path, now_s, journal = _recording(settings, tmp_path), time.time(), Journal()
    async with connect_obdiag(settings, shells=True) as verbs:
        reader = _reader(settings, verbs, journal, path)
        _plays(stand_in, now_s, 900, 840, -3600)
        assert await reader.read() == reader.status.every_s == 600
        assert reader.status.added == 2 * 4
        _plays(stand_in, now_s, 900, 840, 780)
        await reader.read()

    assert reader.status.added == 4
    of_node = reader.status.nodes["n1"]
    assert of_node.newest["host.cpu.usage"].value == 50.05
    assert of_node.period_s == _MINUTE_S
    assert (of_node.age_s(now_s) or 0) == pytest.approx(780, abs=_MINUTE_S)
    with Recording(path) as recording:
        found = recording.backfill(metric="host.cpu.usage")
        assert list(recording.frames()) == []
    assert {(each.source, each.node, each.value) for each in found} == {("obdiag", "n1", 50.05)}
    assert [now_s - each.time_s for each in found] == [pytest.approx(age_s, abs=_MINUTE_S) for age_s in (900, 840, 780)]
    parameters = audit_log.read().entries[-1].record.parameters
    assert parameters["scheduled"]
    assert parameters["removed"]["n1"]
    assert journal.newest_first() == ()


async def test_a_row_of_the_future_is_left_out_and_a_node_without_tsar_is_told(local: Make, stand_in: StandIn) -> None:
    settings, now_s = local(), time.time()
    async with connect_obdiag(settings, shells=True) as verbs:
        reader = _reader(settings, verbs, Journal(), None)
        _plays(stand_in, now_s, 900, -3600)
        await reader.read()
        assert reader.status.added is None
        assert reader.status.nodes["n1"].rows == 1
        assert "1 rows are of the future" in " ".join(reader.status.nodes["n1"].notes)
        stand_in.plays(data={"store_dir": "x"}, archives={"127.0.0.1": {"one_day_cpu_data.txt": ""}})
        await reader.read()
    assert reader.status.nodes["n1"].age_s(now_s) is None
    assert "tsar is not installed" in reader.status.nodes["n1"].notes[0]


async def test_a_failure_is_told_once_and_what_was_read_before_stays(local: Make, stand_in: StandIn) -> None:
    settings, journal = local(), Journal()
    async with connect_obdiag(settings, shells=True) as verbs:
        reader = _reader(settings, verbs, journal, None)
        _plays(stand_in, time.time(), 120)
        await reader.read()
        stand_in.plays(code=500, error="no such node")
        assert await reader.read() < reader.status.every_s
        await reader.read()
        assert "no such node" in reader.status.problem
        assert reader.status.nodes["n1"].rows == 1
        _plays(stand_in, time.time(), 120)
        await reader.read()
    assert reader.status.problem == ""
    assert [event.text.partition(":")[0] for event in journal.newest_first()] == [
        "the past by obdiag is read again", "the past by obdiag is not read",
    ]  # fmt: skip


async def test_a_read_only_production_cluster_is_left_alone_until_its_file_allows_it(
    local: Make, stand_in: StandIn
) -> None:
    _plays(stand_in, time.time(), 120)
    for settings, refused in ((local(read_only=True), True), (local(read_only=True, on_read_only=True), False)):
        production = replace(settings, production=True)
        async with connect_obdiag(production, shells=True) as verbs:
            reader = _reader(production, verbs, Journal(), None)
            await reader.read()
        assert ("obdiag.on_read_only" in reader.status.problem) == refused
    assert len(stand_in.called()) == 1


def test_its_figures_have_columns_and_come_at_no_tick(local: Make) -> None:
    both = local()
    catalogue = metrics_of(both.sources, both)
    assert len(set(catalogue.names)) == len(catalogue.names)
    assert "obdiag" not in read_by(catalogue, both)
    assert len(read_by(catalogue, both)["host"]) > 50
    alone = replace(both, sources=("obdiag",))
    assert "host.cpu.usage" in metrics_of(alone.sources, alone).names
    assert read_by(metrics_of(alone.sources, alone), alone).keys() == {"workload"}
