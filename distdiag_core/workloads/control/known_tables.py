"""What is known of the tables of benchmarks: being prepared, left by the last operation, or found in the databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from distdiag_core.workloads.control.preparation_files import PreparationFiles
    from distdiag_core.workloads.control.prepared_tables import PreparedTables
    from distdiag_core.workloads.workload_status import WorkloadStatus


class KnownTables:
    """The state of each benchmark that does not run; of several sources the one that knows more.

    A preparation of any console comes first, then the result of this process, then what the databases have.

    Attributes:
        preparations: those that go on, of every console of the user.
    """

    def __init__(self, preparations: PreparationFiles, in_databases: PreparedTables) -> None:
        self.preparations = preparations
        self._in_databases = in_databases
        self._results: dict[str, WorkloadStatus] = {}

    def forget(self) -> None:
        """Ask the databases again at the next `look`, since tables are changed."""
        self._in_databases.forget()

    def note(self, result: WorkloadStatus) -> WorkloadStatus:
        """Keep the result of an operation of this process as the last one of its benchmark; return it."""
        self._results[result.request.kind] = result
        return result

    async def look(self) -> None:
        """Ask the databases, at most once a minute.

        What they say outdates results, but neither a failure nor a result that came meanwhile.
        """
        before = dict(self._results)
        if not await self._in_databases.look():
            return
        for kind, result in before.items():
            if result.state in (WorkloadState.PREPARED, WorkloadState.ABSENT) and self._results.get(kind) is result:
                del self._results[kind]

    def beside(self, running: tuple[WorkloadStatus, ...]) -> tuple[WorkloadStatus, ...]:
        """Preparations and what runs; for each other benchmark what is known of its tables."""
        now = (*self.preparations.statuses(), *running)
        in_use = {each.request.kind for each in now}
        results = [each for kind, each in self._results.items() if kind not in in_use]
        known = in_use | {each.request.kind for each in results}
        return (*now, *results, *(each for each in self._in_databases.statuses() if each.request.kind not in known))
