"""A core whose ticks come from a recording, at the pace at which they were recorded or faster."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from distdiag_core.anomalies import catalogue as anomaly_catalogue
from distdiag_core.diagnosis.detection.ranking import Diagnosis
from distdiag_core.errors import DataError
from distdiag_core.incidents.validation import Validation
from distdiag_core.models import model_registry
from distdiag_core.recording.events import Event
from distdiag_core.recording.recording_status import RecordingStatus
from distdiag_core.replay.bookmarks import next_to
from distdiag_core.replay.diagnosis_track import DiagnosisTrack, TickDiagnosis
from distdiag_core.replay.recorded_load import with_figures
from distdiag_core.replay.recorded_run import RecordedRun
from distdiag_core.runtime.core_without_cluster import CoreWithoutCluster
from distdiag_core.runtime.refused_operations import Refusal
from distdiag_core.runtime.replay_status import ReplayStatus
from distdiag_core.runtime.snapshot import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.models.model_registry import ModelStatus

SPEEDS = (1, 4, 16)
# Where nothing was recorded for longer, as while the machine was suspended, the replay goes on after this time.
_LONGEST_GAP_S = 5.0
_PENDING = TickDiagnosis(
    Diagnosis(0.0, anomalous=False, note="diagnosing the ticks before this one"), None, Validation()
)


class Replay(CoreWithoutCluster):
    """The recording at `path` as a core; it plays for as long as the context lasts.

    Args:
        model: names the anomalies; without one they are found and not named.
        problems: what the operator is to be warned of.
        paused: stand still at the tick at which it begins.
        start_s: begin at the tick of this time, or the one before; None for the first.

    Attributes:
        models: the choice of the model.
        diagnosis: the baseline of the diagnosis.
        playback: moving through the recording.

    Raises:
        DataError: it is no recording, holds no tick, or is damaged.
    """

    def __init__(
        self,
        path: Path,
        *,
        model: Model | None = None,
        problems: tuple[str, ...] = (),
        paused: bool = False,
        start_s: float | None = None,
    ) -> None:
        super().__init__(Refusal("the replay of a recording"))
        self.anomalies = anomaly_catalogue.load()
        self._run = RecordedRun(path, self.anomalies)
        self.cluster = self._run.settings
        self.catalogue = self._run.meta.catalogue
        self.models = self.diagnosis = self.playback = self
        self._track = DiagnosisTrack(self._run, model, self.anomalies)
        first_s = float(self._run.times_s[0])
        self._notes = [Event(first_s, "error", text, "warning") for text in problems]
        self._index = 0
        self._wanted: int | None = 0 if start_s is None else self._run.index_at(start_s)
        self._paused, self._speed = paused, SPEEDS[0]
        self._moved = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Begin to play."""
        async with AsyncExitStack() as lasting:
            lasting.callback(self._run.close)
            lasting.callback(self._track.close)
            tasks = await lasting.enter_async_context(asyncio.TaskGroup())
            lasting.callback(tasks.create_task(self._play()).cancel)
            self._lasting = lasting.pop_all()
        return self

    # Moving through the recording

    def toggle_pause(self) -> None:
        """Stand still, or go on."""
        self._paused = not self._paused
        self._moved.set()

    def step(self, ticks: int) -> None:
        """Stand still at a tick so many after this one, or before it."""
        self._paused = True
        self._go_to(self._goal + ticks)

    def change_speed(self, by: int) -> int:
        """The next higher or lower speed, which is returned."""
        place = SPEEDS.index(self._speed) + (1 if by > 0 else -1)
        self._speed = SPEEDS[min(max(place, 0), len(SPEEDS) - 1)]
        self._moved.set()
        return self._speed

    def jump(self, by: int) -> str:
        """Go to the next tick at which something happened, or to the last one before; what happened, "" for none."""
        found = next_to(self._run.bookmarks, self._goal, by)
        if found is None:
            return ""
        self._go_to(found.index)
        return found.text

    def go_to_time(self, time_s: float) -> None:
        """Stand still at the tick of this time, or the one before."""
        self._paused = True
        self._go_to(self._run.index_at(time_s))

    def go_to_end(self, *, last: bool) -> None:
        """Go to the last tick, also of a recording that is being written, or to the first."""
        if last:
            self._refresh()
        self._go_to(len(self._run) - 1 if last else 0)

    # The model and its baseline

    async def use(self, name: str) -> ModelStatus:
        """Diagnose with the model called `name` from now on, also what was seen before; and in later runs.

        Raises:
            ConfigError: no model has this name.
            DataError: its files are damaged.
        """
        model = await asyncio.to_thread(model_registry.use, name)
        self._track.exchange(model)
        self._go_to(self._goal)
        return model_registry.status(model, self.catalogue.names)

    def reset_baseline(self) -> None:
        """Take the state from now on for normal."""
        self._track.reset_baseline()

    # The loop

    @property
    def _goal(self) -> int:
        """The tick that is shown, or is about to be."""
        return self._index if self._wanted is None else self._wanted

    def _go_to(self, index: int) -> None:
        self._wanted = min(max(index, 0), len(self._run) - 1)
        self._moved.set()

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            await self._show_goal()
            try:
                async with asyncio.timeout_at(self._due_s(began_s)):
                    await self._moved.wait()
                self._moved.clear()
            except TimeoutError:
                self._forward()

    def _due_s(self, began_s: float) -> float | None:
        """When the next tick is to be shown, on the clock of the loop; None for never by itself."""
        if self._wanted is not None:
            return began_s
        if self._index + 1 < len(self._run):
            gap_s = float(self._run.times_s[self._index + 1] - self._run.times_s[self._index])
            return None if self._paused else began_s + min(gap_s, _LONGEST_GAP_S) / self._speed
        # The recording may still be written, which its length shows also while the replay stands still.
        return began_s + self.cluster.interval_s

    def _forward(self) -> None:
        """One tick on, if there is one."""
        if self._index + 1 >= len(self._run) and not self._refresh():
            return
        if self._wanted is None:
            self._wanted = self._index if self._paused else self._index + 1

    def _refresh(self) -> bool:
        """Take in what was written since; whether there are new ticks."""
        try:
            return self._run.refresh()
        except DataError as error:
            self._stop_at(error)
            return False

    async def _show_goal(self) -> None:
        goal, self._wanted = self._goal, None
        try:
            if self._track.takes_long(goal):
                # The figures do not wait for it.
                await self._show(goal, _PENDING)
            found = await self._track.diagnosis(goal, lambda: self._wanted is None)
            if found is not None:
                await self._show(goal, found)
        except DataError as error:
            self._stop_at(error)
            if self._newest is None:
                raise

    async def _show(self, index: int, found: TickDiagnosis) -> None:
        snapshot = self._snapshot_of(index, found)
        self._index = index
        await self._publish(snapshot)

    def _stop_at(self, error: DataError) -> None:
        """Stand still at the last tick that could be read, and say why."""
        self._paused = True
        note = Event(float(self._run.times_s[self._index]), "error", str(error), "error")
        if note not in self._notes:
            self._notes.append(note)
            self._wanted = self._index

    def _snapshot_of(self, index: int, found: TickDiagnosis) -> Snapshot:
        run = self._run
        frame, window = self._track.frame(index)
        time_s, times_s = frame.time_s, run.times_s
        notes = [note for note in reversed(self._notes) if note.time_s <= time_s]
        return Snapshot(
            tick=index + 1,
            cluster=self.cluster,
            catalogue=self.catalogue,
            nodes=run.states.nodes_at(time_s, run.meta.nodes),
            frame=frame,
            window=window,
            unread=run.unread.hidden(time_s),
            injections=run.states.injections_at(time_s),
            workloads=with_figures(run.states.workloads_at(time_s), frame, self.catalogue),
            diagnosis=found.diagnosis,
            model=self._track.model,
            incident=found.incident,
            marks=run.marks_until(time_s),
            validation=found.validation,
            recording=RecordingStatus(str(run.path), run.meta.started_s, run.size_bytes()),
            events=(*notes, *run.events_until(time_s)),
            replay=ReplayStatus(index + 1, len(run), float(times_s[0]), float(times_s[-1]), self._speed, self._paused),
        )
