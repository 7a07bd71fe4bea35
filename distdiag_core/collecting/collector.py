"""The collector of a running console: normal operation on request, and a case of every injection while switched on."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core.collecting.collecting_status import CollectingStatus, NormalStatus, OpenCase
from distdiag_core.collecting.held_injections import HeldInjections, describe
from distdiag_core.dataset.building import exclusion
from distdiag_core.dataset.building.anomaly_period import AnomalyPeriod
from distdiag_core.dataset.building.normal_period import NormalPeriod
from distdiag_core.dataset.building.spans import SpanTracker
from distdiag_core.dataset.building.steady_state import SteadyState
from distdiag_core.dataset.collecting_settings import CollectingSettings
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Plan
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.collecting.dataset_writer import DatasetWriter
    from distdiag_core.dataset.building.case_timeline import CaseTimeline
    from distdiag_core.dataset.building.observation import Observation
    from distdiag_core.recording.journal import Journal

# An injection that becomes known late may have begun while one was on the nodes that is gone by now.
_REMEMBERED_S = 600.0


class Collector:
    """Follows every tick and the injections of this console; hands ended cases to `writer`."""

    def __init__(
        self, cluster: ClusterSettings, catalogue: AnomalyCatalogue, journal: Journal, writer: DatasetWriter
    ) -> None:
        self._cluster = cluster
        self._catalogue = catalogue
        self._journal = journal
        self._writer = writer
        self._spans = SpanTracker()
        self._settings = cluster.section(CollectingSettings)
        self._steady = SteadyState(self._settings)
        self._held = HeldInjections()
        self._anomalies = False
        self._normal: NormalPeriod | None = None
        self._case: AnomalyPeriod | None = None
        # What is on the nodes belongs to no case: its own was ended already.
        self._ignoring = False
        self._newest: Observation | None = None

    # The switches

    def collect_normal(self, *, on: bool) -> None:
        """Begin or end to collect normal operation.

        Raises:
            ConfigError: nothing was sampled yet, or nothing is recorded.
        """
        if on == (self._normal is not None):
            return
        if self._newest is None:
            raise ConfigError("nothing was sampled yet", hint="try again in a moment")
        now_s = self._newest.time_s
        if self._normal is None:
            self._check_recorded()
            self._journal.note("action", "collecting normal operation begins")
            self._normal = NormalPeriod(self._cluster.name, now_s, self._cluster.interval_s)
            return
        pieces = list(self._normal.stop(now_s))
        self._journal.note("action", f"collecting ends: {self._normal.summary()}")
        self._normal = None
        for piece in pieces:
            self._writer.add(piece)

    def collect_anomalies(self, *, on: bool) -> None:
        """Make a case of every injection from now on, or of none; a case that is open goes on to its end.

        Raises:
            ConfigError: nothing is recorded.
        """
        if on == self._anomalies:
            return
        if on:
            self._check_recorded()
        self._anomalies = on
        self._journal.note(
            "action", f"every injection {'becomes a case' if on else 'is only an injection'} from now on"
        )
        if not on:
            self._let_through()

    def _check_recorded(self) -> None:
        if not self._writer.can_build:
            raise ConfigError(
                "cases are made from the recording, and nothing is recorded", hint="start it with a recording"
            )

    # Around injecting and clearing

    @asynccontextmanager
    async def injecting(self, plan: Plan) -> AsyncIterator[None]:
        """The body injects `plan`; while anomalies are collected, once the stretch before them is long enough.

        Raises:
            RefusedError: it was called off meanwhile.
        """
        ids = tuple(step.id for step in plan.steps)
        tried = proved = False
        try:
            if self._anomalies and not (self._case and self._case.busy):
                self._journal.note(
                    "action",
                    f"{', '.join(describe(plan))}: waiting for baseline: it begins when there is enough before it",
                )
                await self._held.wait(plan)
            self._spans.starting(ids)
            tried = True
            yield
            proved = True
        finally:
            self._spans.started(ids)
            if tried and not proved and self._case is not None:
                # It may have been active for a moment, beside what the case is about.
                self._case.exclude(f"{', '.join(describe(plan))} was tried meanwhile, and failed")

    def clearing(self, ids: Collection[str]) -> None:
        """These are being cleared."""
        self._spans.ending(ids)

    def clearing_all(self) -> None:
        """All injections are being cleared; those that wait for their baseline are cancelled, or they would follow."""
        self._held.call_off()
        self._spans.ending([span.injection.id for span in self._spans.spans])

    # The ticks

    def on_tick(self, tick: Observation) -> CollectingStatus:
        """Follow one tick; returns the status after it."""
        self._newest = tick
        self._spans.observe(tick.time_s, tick.injections)
        self._steady.observe(tick, busy=self._spans.busy)
        if self._steady.clock_set_back:
            self._start_over(tick.time_s)
        if self._normal is not None:
            for piece in self._normal.observe(tick, self._steady, self._spans.began_s):
                self._writer.add(piece)
        self._continue_case(tick)
        self._open_case(tick)
        if self._case is None:
            self._spans.forget(tick.time_s - _REMEMBERED_S)
        self._writer.on_tick(self._open_timelines())
        return self._status(tick)

    def close(self) -> None:
        """End what is open, because the console ends."""
        if self._newest is None:
            return
        self.collect_normal(on=False)
        if self._case is not None:
            self._case.exclude("the console was closed before it was over")
            self._end_case(self._case, self._newest.time_s)

    def _start_over(self, now_s: float) -> None:
        """Drop what is open: after the clock was set back its times mean nothing."""
        text = "the clock was set back: the cases that were being collected are dropped"
        self._journal.note("action", text, level="warning")
        self._case = None
        self._ignoring = self._spans.busy
        if self._normal is not None:
            self._normal = NormalPeriod(self._cluster.name, now_s, self._cluster.interval_s)

    def _continue_case(self, tick: Observation) -> None:
        if self._case is None:
            return
        self._observe(self._case, tick)
        end_s = self._case.ends_s(tick.time_s)
        if self._case.is_empty:
            self._journal.note("action", "no case: nothing was injected")
            self._case = None
        elif end_s is not None:
            self._end_case(self._case, end_s)

    def _observe(self, case: AnomalyPeriod, tick: Observation) -> None:
        if self._steady.load_changed:
            case.exclude("the load changed")
        active = [(span.injection.anomaly, span.injection.node) for span in self._spans.spans]
        cut_off = exclusion.nodes_cut_off(active, self._catalogue)
        case.observe(tick, self._spans.spans, busy=self._spans.busy, cut_off=cut_off)

    def _end_case(self, case: AnomalyPeriod, end_s: float) -> None:
        self._case = None
        self._ignoring = self._spans.busy
        self._spans.forget(end_s)
        if timeline := case.timeline():
            self._writer.add(timeline.ended(end_s))

    def _open_case(self, tick: Observation) -> None:
        self._ignoring = self._ignoring and self._spans.busy
        if not self._anomalies or self._case is not None or self._ignoring:
            return
        now_s, before_s = tick.time_s, self._settings.before_s
        if self._spans.busy:
            # Injected elsewhere: nothing could hold it back.
            asked_s = min(now_s, self._spans.began_s)
            since_s, until_s = self._steady.last
            still_steady = until_s > asked_s - 2 * self._cluster.interval_s
            start_s = min(asked_s, max(asked_s - before_s, since_s)) if still_steady else asked_s
        elif self._held.waiting and now_s - self._steady.since_s >= before_s:
            asked_s, start_s = now_s, now_s - before_s
        else:
            return
        self._case = AnomalyPeriod(self._cluster, start_s, asked_s, tick)
        self._let_through()
        self._observe(self._case, tick)

    def _let_through(self) -> None:
        # From this moment on, and not only when the task of the injection has its turn.
        self._spans.starting(self._held.let_through())

    def _open_timelines(self) -> tuple[CaseTimeline, ...]:
        found = (
            None if self._normal is None else self._normal.open_piece(),
            None if self._case is None else self._case.timeline(),
        )
        return tuple(timeline for timeline in found if timeline is not None)

    # The status

    def status(self) -> CollectingStatus | None:
        """The status after the newest tick, also after the end; None before the first tick."""
        return None if self._newest is None else self._status(self._newest)

    def _status(self, tick: Observation) -> CollectingStatus:
        return CollectingStatus(
            self._normal_status(tick.time_s),
            self._anomalies,
            self._open_cases(tick.time_s),
            self._writer.finished,
            self._writer.statistics,
            self._writer.problem,
        )

    def _normal_status(self, now_s: float) -> NormalStatus:
        if self._normal is None:
            return NormalStatus()
        seconds, samples = now_s - self._normal.started_s, self._normal.samples(now_s)
        return NormalStatus(running=True, seconds=seconds, samples=samples, waiting=self._steady.reason)

    def _open_cases(self, now_s: float) -> tuple[OpenCase, ...]:
        found: list[OpenCase] = []
        if self._case is not None:
            part, done_s, needed_s = self._case.progress(now_s)
            found.append(OpenCase(self._case.name, self._case.injections, part, done_s, needed_s, self._case.excluded))
        if self._held.waiting:
            done_s, needed_s = max(0.0, now_s - self._steady.since_s), self._settings.before_s
            found.append(OpenCase("", self._held.waiting, "before", done_s, needed_s, waiting=self._steady.reason))
        return tuple(found)
