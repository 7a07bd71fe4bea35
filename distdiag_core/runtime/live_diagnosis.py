"""What diagnoses a run, tick by tick; the model may be exchanged while it goes on."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.models import model_registry
from distdiag_core.runtime.diagnosis_changes import tell_verdict

if TYPE_CHECKING:
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Window
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.recording.journal import Journal

log = logging.getLogger(__name__)


class Diagnosing:
    """Diagnoses in a thread of its own, for as long as the context lasts.

    Attributes:
        newest: the verdict on the last tick; None before the first, and where there was none.
        model: what the operator should know of the model; None without one.
    """

    def __init__(
        self,
        model: Model | None,
        period_s: float,
        metrics: tuple[str, ...],
        anomalies: AnomalyCatalogue,
        journal: Journal,
    ) -> None:
        self.newest: Diagnosis | None = None
        self.model: ModelStatus | None = None
        self._period_s, self._metrics = period_s, metrics
        self._anomalies, self._journal = anomalies, journal
        self._diagnoser: Diagnoser | None = None
        # On a large cluster it takes longer than the loop may stand still, and must not wait for what others do in
        # threads.
        self._thread = ThreadPoolExecutor(1, "distdiag-diagnosis")
        if model is not None:
            self._take(model)

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown()

    async def look(self, window: Window) -> None:
        """Diagnose the newest tick of `window`, and tell where the verdict is another."""
        diagnoser = self._diagnoser
        if diagnoser is None:
            return
        before, self.newest = self.newest, None
        try:
            verdict = await asyncio.get_running_loop().run_in_executor(self._thread, diagnoser.diagnose, window)
        except Exception as error:  # the figures go on, whatever the method makes of them
            log.exception("no diagnosis at this tick")
            if before is not None:
                self._journal.note("error", f"no diagnosis: {error!r}; {places.log_file()} has more", level="error")
            return
        # What a model said that has been exchanged meanwhile is not the word of the new one.
        if diagnoser is self._diagnoser:
            self.newest = verdict
            tell_verdict(self._journal, self._anomalies, before, verdict)

    async def use(self, name: str) -> ModelStatus:
        """Diagnose with the model called `name` from the next tick on, here and wherever nothing else is chosen.

        Raises:
            ConfigError: there is none.
            DataError: it is damaged.
        """
        model = await asyncio.to_thread(model_registry.load, name)
        await asyncio.to_thread(model_registry.use, name)
        status = self._take(model)
        known = "never evaluated" if status.ac1 is None else f"AC@1 {status.ac1:.2f}"
        self._journal.note("action", f"the model {name} diagnoses from now on, {known}", model=name)
        if status.warning:
            self._journal.note("error", f"model {name}: {status.warning}", level="warning")
        return status

    def forget_past(self) -> None:
        """What was normal is no more: learn it anew."""
        if self._diagnoser is not None:
            self._diagnoser.forget_past()

    def _take(self, model: Model) -> ModelStatus:
        from distdiag_core.diagnosis.detection.diagnoser import Diagnoser

        before = self._diagnoser
        self._diagnoser = Diagnoser(model, self._period_s) if before is None else before.succeeded_by(model)
        self.newest = None
        self.model = model_registry.status(model, self._metrics)
        return self.model
