"""The diagnosis of a running cluster, once a tick, in a thread of its own; its model can be exchanged at any time."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.models import model_registry
from distdiag_core.runtime.incident_journal import IncidentJournal

if TYPE_CHECKING:
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser
    from distdiag_core.diagnosis.detection.own_metrics import Categories
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Window
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.recording.journal import Journal

log = logging.getLogger(__name__)

# The fact `baseline` of the event that the operator has reset it.
RESET = "reset"


class LiveDiagnosis:
    """The diagnosis of the newest tick.

    Attributes:
        newest: of the last tick; None before the first, and when the diagnosis failed.
        model: the name, quality and warnings of the model in use; None without one.
    """

    def __init__(
        self,
        model: Model | None,
        period_s: float,
        metrics: tuple[str, ...],
        anomalies: AnomalyCatalogue,
        journal: Journal,
        categories: Categories | None = None,
    ) -> None:
        self.newest: Diagnosis | None = None
        self.model: ModelStatus | None = None
        self._period_s, self._metrics = period_s, metrics
        self._journal = journal
        self._incidents = IncidentJournal(journal, anomalies)
        self._categories = categories
        self._diagnoser: ClusterDiagnoser | None = None
        # On a large cluster it takes longer than the loop may stand still, and must not wait for what others do in
        # threads.
        self._thread = ThreadPoolExecutor(1, "distdiag-diagnosis")
        if model is not None:
            self.exchange(model)

    def close(self) -> None:
        """End the thread, and let go of the model, which is large."""
        self._thread.shutdown()
        self._diagnoser = None

    async def on_tick(self, window: Window) -> None:
        """Diagnose the newest tick of `window`, and note in the journal what changes."""
        from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser

        # Without a model, what is wrong is found and not named.
        diagnoser = self._diagnoser = self._diagnoser or ClusterDiagnoser(
            None, self._period_s, categories=self._categories
        )
        before, self.newest = self.newest, None
        try:
            diagnosis = await asyncio.get_running_loop().run_in_executor(self._thread, diagnoser.diagnose, window)
        except Exception as error:  # the figures go on, whatever the method makes of them
            log.exception("no diagnosis at this tick")
            if before is not None:
                self._journal.note(
                    "error",
                    f"no diagnosis, by a fault in distdiag: {error}; {places.log_file()} has more",
                    level="error",
                )
            return
        # What a model said that has been exchanged meanwhile is not the word of the new one.
        if diagnoser is self._diagnoser:
            self.newest = diagnosis
            self._incidents.on_diagnosis(diagnosis)

    def reset_baseline(self) -> None:
        """Take the state from now on for normal, on the operator's word."""
        said = "the baseline was reset: what is seen from now on is taken for normal"
        self._journal.note("action", said, baseline=RESET)
        self.forget_baseline()

    def forget_baseline(self) -> None:
        """Build a new baseline, and name no root cause until there is one: the load was changed on purpose."""
        if self._diagnoser is not None:
            self._diagnoser.reset_baseline()

    def exchange(self, model: Model) -> ModelStatus:
        """Diagnose with `model` from the next tick on; what is known of the baseline is kept."""
        from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser

        before = self._diagnoser
        self._diagnoser = (
            ClusterDiagnoser(model, self._period_s, categories=self._categories)
            if before is None
            else before.successor(model)
        )
        self.newest = None
        self.model = model_registry.status(model, self._metrics)
        return self.model
