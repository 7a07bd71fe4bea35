"""The queue of Delivery transactions, which are executed in the background (clause 2.7.2)."""

from __future__ import annotations

import json
import time
from queue import Queue
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.driver.deck import TransactionType
from distdiag_core.workloads.benchmarks.tpcc.driver.execution import execute
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import DISTRICTS
from distdiag_core.workloads.benchmarks.tpcc.transactions.delivery import delivery

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmarks.tpcc.driver.transaction_tally import TransactionCounter
    from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
    from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Delivery

# Reached when the node is too slow; then the terminals block.
_LONGEST_QUEUE = 1_000


class DeliveryQueue:
    """The queue of one process, and the loop that executes it."""

    def __init__(self, databases: Databases, counter: TransactionCounter) -> None:
        self._databases = databases
        self._counter = counter
        self._queue: Queue[tuple[float, Delivery]] = Queue(_LONGEST_QUEUE)

    @property
    def waiting(self) -> int:
        """Number of queued Deliveries."""
        return self._queue.qsize()

    def put(self, asked: Delivery) -> None:
        """Queue the input of a Delivery."""
        self._queue.put((time.time(), asked))

    def work(self) -> None:
        """Execute queued Deliveries for ever."""
        while True:
            queued_s, asked = self._queue.get()
            execute(self._databases, TransactionType.DELIVERY, lambda: self._deliver(queued_s, asked), self._counter)  # noqa: B023 - it is called before the next turn

    def _deliver(self, queued_s: float, asked: Delivery) -> dict[str, int]:
        orders = delivery(self._databases, asked)
        result = {"queued": queued_s, "warehouse": asked.warehouse, "carrier": asked.carrier, "orders": orders}
        self._counter.log(json.dumps({**result, "completed": time.time()}))
        return {"skipped": DISTRICTS - len(orders)}
