"""The models of this machine in a running console: choosing the one that diagnoses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.models import model_registry

if TYPE_CHECKING:
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.recording.journal import Journal
    from distdiag_core.runtime.live_diagnosis import LiveDiagnosis


class LiveModels:
    """The choice of the model, for this run and for later ones."""

    def __init__(self, diagnosis: LiveDiagnosis, journal: Journal) -> None:
        self._diagnosis = diagnosis
        self._journal = journal

    async def use(self, name: str) -> ModelStatus:
        """Diagnose with the model called `name` from the next tick on, and in later runs.

        Raises:
            ConfigError: no model has this name.
            DataError: its files are damaged.
        """
        model = await asyncio.to_thread(model_registry.use, name)
        status = self._diagnosis.exchange(model)
        known = "never evaluated" if status.ac1 is None else f"AC@1 {status.ac1:.2f}"
        self._journal.note("action", f"the model {name} diagnoses from now on, {known}", model=name)
        if status.warning:
            self._journal.note("error", f"model {name}: {status.warning}", level="warning")
        return status
