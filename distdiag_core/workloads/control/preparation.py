"""A running preparation: its progress over all nodes, and its cancellation."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from distdiag_core.workloads.workload_status import Progress, WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from distdiag_core.workloads.workload_request import WorkloadRequest

# Long enough for a steady rate, short enough to show that a node has become slow.
_RATE_WINDOW_S = 10.0


class Preparation:
    """Sums up the progress of the nodes; `report` is called with each new status."""

    def __init__(self, run: str, request: WorkloadRequest, report: Callable[[WorkloadStatus], None]) -> None:
        self.id = run
        self.request = request
        self._report = report
        self._rows: dict[str, tuple[int, int]] = {}
        self._past: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._task: asyncio.Task[object] | None = None
        self._cancelled = False

    async def follow(self, work: Coroutine[Any, Any, object]) -> bool:
        """Await the work; False where `cancel` ended it."""
        self._task = asyncio.ensure_future(work)
        try:
            await self._task
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
            return False
        finally:
            if not self._task.done():
                self._task.cancel()
        return True

    async def cancel(self) -> None:
        """Cancel the work; it has ended when this returns. Loaded rows are kept."""
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    def update(self, node: str, done: int, total: int) -> None:
        """Update the number of loaded rows of a node."""
        # Rows of an earlier preparation do not count towards the rate.
        first = node not in self._rows
        before = self._sum()
        self._rows[node] = (done, total)
        if first:
            self._past = deque((at_s, rows + self._sum() - before) for at_s, rows in self._past)
        now_s = time.monotonic()
        self._past.append((now_s, self._sum()))
        while len(self._past) > 2 and self._past[1][0] < now_s - _RATE_WINDOW_S:
            self._past.popleft()
        self._report(self.status())

    def status(self) -> WorkloadStatus:
        """Status with the current progress."""
        detail = ", ".join(f"{node} {done:,} of {total:,}" for node, (done, total) in sorted(self._rows.items()))
        return WorkloadStatus(
            self.request,
            WorkloadState.PREPARING,
            f"rows: {detail}" if detail else "looking what is there",
            self._progress(),
            id=self.id,
        )

    def _progress(self) -> Progress:
        done, total = self._sum(), sum(total for _, total in self._rows.values())
        # A node that has not reported yet is assumed to have as many rows as the others.
        if self._rows:
            total = total * len(self.request.nodes) // len(self._rows)
        (then_s, then), (now_s, now) = self._past[0], self._past[-1]
        per_s = (now - then) / (now_s - then_s) if now_s > then_s else 0.0
        return Progress(done, total, max(0.0, per_s), (total - done) / per_s if per_s > 0 else None)

    def _sum(self) -> int:
        return sum(done for done, _ in self._rows.values())
