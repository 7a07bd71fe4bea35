"""What a recording of a week costs: `python -m tests.bench.bench_week [--days 7] [--keep FILE]`.

Writes it with the recorder, faster than time passes, from the ticks, events and incidents of the recording that ships,
over and over. Then prints for opening it, jumping in its replay, and reading a metric and its marks over the longest
span: seconds of the wall clock and of this process, and the most memory so far.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.incidents.incident_files import incident_data, incidents_of
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording import metric_history, recordings
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recorder import Recorder
from distdiag_core.replay.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.runtime.snapshot import Snapshot

_HOUR_S, _DAY_S = 3600, 86_400
# The backlog of the recorder holds 600 rows.
_FLUSHED_EVERY = 400
# The example is repeated once an hour as to its events and incidents, and without a pause as to its ticks.
_COLUMNS = 300
_METRIC = "host.cpu.usage"


@contextmanager
def _measured(what: str) -> Iterator[None]:
    wall_s, own_s = time.monotonic(), time.process_time()
    yield
    wall_s, own_s = time.monotonic() - wall_s, time.process_time() - own_s
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say(f"{what:<52} {wall_s:8.2f} s  {own_s:8.2f} s CPU  {memory:6.0f} MB at most")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _write(directory: Path, ticks: int) -> Path:
    with (
        recordings.opened(recordings.find(recordings.EXAMPLE)) as path,
        Recording(path) as example,
    ):
        frames, events = list(example.frames()), example.events()
        incidents = [each.incident for each in incidents_of(example)]
        meta = example.meta
    cluster = ClusterSettings("week", tuple(NodeSettings(node.name, node.name) for node in meta.nodes))
    first_s = frames[0].time_s
    with Recorder(cluster, meta.catalogue, directory) as recorder:
        for tick in range(ticks):
            source = frames[tick % len(frames)]
            recorder.frame(Frame(first_s + tick, meta.node_names, meta.catalogue.names, source.values))
            if tick % _HOUR_S == 0:
                for event in events:
                    recorder.event(replace(event, time_s=event.time_s + tick, data=_shifted(event.data, tick)))
                for at, incident in enumerate(incidents):
                    number = tick // _HOUR_S * len(incidents) + at + 1
                    recorder.incident(number, _shifted(incident_data(incident), tick))
            if tick % _FLUSHED_EVERY == 0:
                recorder.flush(600.0)
        recorder.flush(600.0)
        return recorder.path


def _shifted(value: Any, seconds: float, key: str = "") -> Any:  # noqa: ANN401 - what JSON holds
    """Plain values with their times moved, and with the ids of injections told apart."""
    if isinstance(value, dict):
        return {name: _shifted(each, seconds, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shifted(each, seconds, key) for each in value]
    if isinstance(value, float) and value > _DAY_S:
        return value + seconds
    return f"{value}{seconds}" if key == "id" and isinstance(value, str) else value


async def _shown_at(replay: Replay, time_s: float, *, diagnosed: bool) -> Snapshot:
    while True:
        snapshot = await replay.next_snapshot()
        pending = snapshot.diagnosis is None or "ticks before" in snapshot.diagnosis.note
        if snapshot.frame.time_s == time_s and not (diagnosed and pending):
            return snapshot


async def _replay(path: Path, ticks: int) -> None:
    with _measured("open"):
        replay = Replay(path, paused=True)
    async with asyncio.timeout(600), replay:
        with _measured("    to the first tick"):
            snapshot = await replay.next_snapshot()
        await _jumps(replay, snapshot.frame.time_s, ticks)


async def _jumps(replay: Replay, first_s: float, ticks: int) -> None:
    for share in (0.5, 0.9):
        moment_s = first_s + int(share * ticks)
        with _measured(f"jump to {share:.0%}: the figures"):
            replay.go_to_time(moment_s)
            await _shown_at(replay, moment_s, diagnosed=False)
        with _measured("    and the diagnosis, of two minutes before"):
            await _shown_at(replay, moment_s, diagnosed=True)
    with _measured("back to the event before"):
        replay.jump(-1)
        await replay.next_snapshot()


def _read(path: Path, span_s: float) -> None:
    with Recording(path) as recording:
        _, last_s = recording.require_ticks()
        nodes = recording.meta.node_names
    metric_history.read((path,), _METRIC, nodes, (last_s - span_s, last_s), _COLUMNS, lambda _: True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="written if missing, and kept")
    arguments = parser.parse_args()
    ticks = int(arguments.days * _DAY_S)
    with tempfile.TemporaryDirectory(prefix="distdiag-week-") as directory:
        path: Path = arguments.keep or Path(directory) / "week.sqlite"
        if not path.exists():
            with _measured(f"write {ticks:,} ticks"):
                shutil.move(_write(Path(directory), ticks), path)
        size = path.stat().st_size
        _say(f"{size / 1e9:.2f} GB, {size / ticks * _HOUR_S / 1e6:.1f} MB an hour")
        asyncio.run(_replay(path, ticks))
        for hours in (1, 24, 168):
            with _measured(f"a metric over {hours} h"):
                _read(path, hours * _HOUR_S)


if __name__ == "__main__":
    main()
