"""Collecting in a running console: normal life on request, and a case of every injection while the switch is on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core.collecting.anomaly_case import AnomalyCase
from distdiag_core.collecting.collecting_status import CollectingStatus, NormalStatus, OpenCase
from distdiag_core.collecting.normal_run import PIECE_S, NormalRun
from distdiag_core.dataset.building.spans import Activity
from distdiag_core.dataset.building.steady_state import Calm
from distdiag_core.dataset.collecting_settings import CollectingSettings
from distdiag_core.errors import ConfigError, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Plan
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.collecting.keeper import Keeper
    from distdiag_core.collecting.notes import OpenStretch
    from distdiag_core.recording.journal import Journal
    from distdiag_core.runtime.snapshot import Snapshot

# The history goes back so many ticks; what is to be cut out of it must not be older.
LONGEST_TICKS = 540


class _Held:
    """Injections that wait until there is enough before them."""

    def __init__(self, plan: Plan) -> None:
        self.ids = tuple(step.id for step in plan.steps)
        self.words = tuple(f"{plan.request.anomaly} on {step.node}" for step in plan.steps)
        self.through = asyncio.Event()
        self.called_off = False


class Collector:
    """Learns from every tick and from the acts of this console; hands finished cases to `keeper`."""

    def __init__(self, cluster: ClusterSettings, catalogue: AnomalyCatalogue, journal: Journal, keeper: Keeper) -> None:
        self._settings = cluster.section(CollectingSettings)
        self._longest_s = LONGEST_TICKS * cluster.interval_s
        self._catalogue = catalogue
        self._journal = journal
        self._keeper = keeper
        self._activity = Activity()
        self._calm = Calm(cluster.section(CollectingSettings))
        self._switch = False
        self._normal: NormalRun | None = None
        self._held: list[_Held] = []
        self._case: AnomalyCase | None = None
        self._passing = False
        self._newest: Snapshot | None = None

    # The switches

    def collect_normal(self, *, on: bool) -> None:
        """Begin or end a run of normal life.

        Raises:
            ConfigError: nothing was sampled yet.
        """
        if on == (self._normal is not None):
            return
        if self._newest is None:
            raise ConfigError("nothing was sampled yet", hint="try again in a moment")
        if self._normal is None:
            self._journal.note("action", "collecting normal life begins")
            self._normal = NormalRun(self._newest.frame.time_s, min(PIECE_S, self._longest_s))
        else:
            pieces = list(self._normal.stop(self._newest))
            self._journal.note("action", f"collecting ends: {self._normal.summary()}")
            self._normal = None
            for case in pieces:
                self._keeper.keep(case)

    def collect_anomalies(self, *, on: bool) -> None:
        """Make a case of every injection from now on, or of none; a case that is open goes on to its end."""
        if on == self._switch:
            return
        self._switch = on
        self._journal.note(
            "action", f"every injection {'becomes a case' if on else 'is only an injection'} from now on"
        )
        if not on:
            self._let_through()

    # Around the acts

    @asynccontextmanager
    async def injecting(self, plan: Plan) -> AsyncIterator[None]:
        """The body injects `plan`; while the switch is on, not before enough is there to be the stretch before it.

        Raises:
            RefusedError: it was called off meanwhile.
        """
        held = _Held(plan)
        tried = proved = False
        try:
            if self._switch and not (self._case and self._case.in_anomaly):
                await self._hold(held)
            self._activity.beginning(held.ids)
            tried = True
            yield
            proved = True
        finally:
            self._activity.begun(held.ids)
            if tried and not proved and self._case is not None:
                # It may have been there for a moment, beside what the case is about.
                self._case.exclude(f"{', '.join(held.words)} was tried meanwhile, and failed")

    def clearing(self, ids: Collection[str]) -> None:
        """These are being cleared."""
        self._activity.ending(ids)

    def clearing_all(self) -> None:
        """All that is known is being cleared; what is held back is called off, or trouble would follow the clearing."""
        for held in self._held:
            held.called_off = True
            held.through.set()
        self._held.clear()
        self._activity.ending([span.injection.id for span in self._activity.spans])

    # The ticks

    def look(self, snapshot: Snapshot) -> CollectingStatus:
        """One tick, and how collecting goes at it."""
        self._newest = snapshot
        now_s = snapshot.frame.time_s
        self._activity.look(now_s, snapshot.injections)
        self._calm.look(snapshot, busy=self._activity.busy)
        if self._calm.clock_set:
            self._start_over(now_s)
        if self._normal is not None:
            for piece in self._normal.look(snapshot, self._calm, self._activity.began_s):
                self._keeper.keep(piece)
        self._go_on(snapshot)
        self._open(snapshot)
        if self._case is None:
            self._activity.forget(now_s - self._longest_s)
        self._keeper.look(self._open_stretches())
        return self._status(snapshot)

    def close(self) -> None:
        """Keep what there is: the console ends."""
        if self._newest is None:
            return
        self.collect_normal(on=False)
        if self._case is not None:
            self._case.exclude("the console was closed before it was over")
            self._finish(self._case, self._newest, self._newest.frame.time_s)

    def _start_over(self, now_s: float) -> None:
        """The clock was set back: what is open has no time any more that could be told."""
        self._journal.note("action", "the clock was set back: what was being collected is let go of", level="warning")
        self._case = None
        # What is there now is seen to its end, and is in no case.
        self._passing = self._activity.busy
        if self._normal is not None:
            self._normal = NormalRun(now_s, min(PIECE_S, self._longest_s))

    def _go_on(self, snapshot: Snapshot) -> None:
        if self._case is None:
            return
        self._show(self._case, snapshot)
        end_s = self._case.ends_at(snapshot.frame.time_s)
        if self._case.nothing_came:
            self._journal.note("action", "no case: nothing was injected")
            self._case = None
        elif end_s is not None:
            self._finish(self._case, snapshot, end_s)

    def _show(self, case: AnomalyCase, snapshot: Snapshot) -> None:
        if self._calm.load_changed:
            case.exclude("the load changed")
        case.look(snapshot, self._activity.spans, busy=self._activity.busy, cutting_off=self._cut_off())

    def _finish(self, case: AnomalyCase, snapshot: Snapshot, end_s: float) -> None:
        self._case = None
        # What is longer than any case is not another one afterwards.
        self._passing = self._activity.busy
        self._activity.forget(snapshot.frame.time_s)
        if not case.nothing_came:
            self._keeper.keep(case.cut(snapshot, end_s))

    def _open(self, snapshot: Snapshot) -> None:
        now_s, before_s = snapshot.frame.time_s, self._settings.before_s
        self._passing = self._passing and self._activity.busy
        if not self._switch or self._case is not None or self._passing:
            return
        if self._activity.busy:
            # Somebody else's: nothing could hold it back.
            asked_s = min(now_s, self._activity.began_s)
            since_s, until_s = self._calm.last
            still_calm = until_s > asked_s - 2 * snapshot.cluster.interval_s
            start_s = min(asked_s, max(asked_s - before_s, since_s)) if still_calm else asked_s
        elif self._held and now_s - self._calm.since_s >= before_s:
            asked_s, start_s = now_s, now_s - before_s
        else:
            return
        self._case = AnomalyCase(start_s, asked_s, self._settings, self._longest_s, snapshot)
        self._let_through()
        self._show(self._case, snapshot)

    async def _hold(self, held: _Held) -> None:
        self._held.append(held)
        self._journal.note("action", f"{', '.join(held.words)}: held back until there is enough before it")
        try:
            await held.through.wait()
        finally:
            if held in self._held:
                self._held.remove(held)
        if held.called_off:
            raise RefusedError("called off: everything was cleared", where=", ".join(held.words))

    def _let_through(self) -> None:
        for held in self._held:
            # From this moment on, and not only when its task has its turn.
            self._activity.beginning(held.ids)
            held.through.set()
        self._held.clear()

    def _open_stretches(self) -> tuple[OpenStretch, ...]:
        found = [each.open_stretch() for each in (self._normal, self._case) if each is not None]
        return tuple(each for each in found if each is not None)

    def _cut_off(self) -> set[str]:
        found = ((self._catalogue.get(span.injection.anomaly), span.injection.node) for span in self._activity.spans)
        return {node for anomaly, node in found if anomaly is not None and anomaly.cuts_off}

    def status(self) -> CollectingStatus | None:
        """How it goes, also after the end; None before the first tick."""
        return None if self._newest is None else self._status(self._newest)

    def _status(self, snapshot: Snapshot) -> CollectingStatus:
        now_s = snapshot.frame.time_s
        open_cases = [] if self._case is None else [self._case.status(now_s)]
        if self._held:
            words = tuple(word for held in self._held for word in held.words)
            done_s = max(0.0, now_s - self._calm.since_s)
            open_cases.append(OpenCase("", words, "before", done_s, self._settings.before_s, waiting=self._calm.reason))
        return CollectingStatus(
            NormalStatus() if self._normal is None else self._normal.status(snapshot, self._calm),
            self._switch,
            tuple(open_cases),
            self._keeper.finished,
            self._keeper.statistics,
            self._keeper.problem,
        )
