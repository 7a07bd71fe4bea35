"""Asking obdiag about a root cause, in the background: one call after the other, with progress and cancellation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies import advice_catalogue
from distdiag_core.cluster import operator
from distdiag_core.errors import ConfigError, DistdiagError
from distdiag_core.obdiag.call import calls_of
from distdiag_tui.console.operation import Operation
from distdiag_tui.operations.background_task import BackgroundTask
from distdiag_tui.operations.incident_records import recording_path
from distdiag_tui.views.obdiag import ObdiagRun

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from distdiag_core.obdiag.call import Call
    from distdiag_core.obdiag.evidence import ObdiagEvidence
    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.console.console import Console


class AskObdiag(BackgroundTask[ObdiagRun]):
    """The questions of this console to obdiag; of a run that is cancelled is kept what was found before."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, "obdiag")
        self._console = console

    def calls(self, anomaly: str) -> tuple[Call, ...]:
        """The checks and scenes that the advice on an anomaly names; what is wrong with it is reported."""
        try:
            advice = advice_catalogue.load().get(anomaly)
            found = calls_of(advice.obdiag, f"advice on {anomaly}: ") if advice is not None else ()
        except ConfigError as error:
            self._console.report(str(error), "error")
            return ()
        if not found:
            self._console.report("no check and no scene of obdiag fits this anomaly", "warning")
        return found

    def start(self, node: str, anomaly: str, calls: Sequence[Call], incident: int | None, confirmed: str) -> None:
        """Run calls about a root cause, unless some go on already.

        Args:
            incident: the number of the incident that gets what is found; None keeps it nowhere.
            confirmed: the name of a production cluster.
        """
        if not self._may_begin():
            return
        # Not before the first paint, which takes longer with what it imports.
        from distdiag_core.incidents.incident_files import keep_evidence

        path = recording_path(self._console)
        if path is None:
            incident = None
        self._show(ObdiagRun((node, anomaly), tuple(call.title for call in calls), incident))

        async def keep(found: ObdiagEvidence) -> None:
            if path is not None and incident is not None:
                await asyncio.to_thread(keep_evidence, path, incident, operator.account(), found)

        async def work(runtime: Operations) -> None:
            for call in calls:
                await self._ask(runtime, call, confirmed, keep)

        operation = Operation[None](self._name, "asking obdiag", self._done, self._failed, self._cancelled)
        self._console.perform(operation, work, live=True)

    async def _ask(
        self, runtime: Operations, call: Call, confirmed: str, keep: Callable[[ObdiagEvidence], Awaitable[None]]
    ) -> None:
        """One call, in the core's thread; one that fails keeps no other from being made."""

        def tell(text: str) -> None:
            self._change_later(lambda run: replace(run, progress=f"{call.title}: {text}"))

        tell("asked")
        try:
            found = await runtime.obdiag.run(call, confirmed=confirmed, tell=tell)
            await keep(found)
        except DistdiagError as error:
            failure = f"{call.title}: {error}"
            self._change_later(lambda run: replace(run, failures=(*run.failures, failure)))
        else:
            self._change_later(lambda run: replace(run, found=(*run.found, found)))

    def _done(self, _: None) -> None:
        self._end()
        if self.run is not None:
            self._console.report(f"obdiag has ended: {len(self.run.found)} of {len(self.run.calls)} calls answered")

    def _cancelled(self) -> None:
        self._end("it was cancelled; what was found before is kept")
