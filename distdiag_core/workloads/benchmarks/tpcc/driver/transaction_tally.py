"""Counts and latencies of the transactions of a worker process since its last report."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from threading import Lock

from distdiag_core.workloads.benchmarks.tpcc.driver.deck import TransactionType


@dataclass(slots=True)
class TransactionTally:
    """Tally of the transactions between two reports.

    Attributes:
        finished: latencies in milliseconds, by transaction type.
        errors: failed attempts, by transaction type.
        counts: `statements` sent; New-Orders `rolled_back` for an unused item, which count as finished; `remote`
            transactions that involve another node; districts `skipped` by Deliveries for lack of orders.
        results: a line for each Delivery (clause 2.7.2.3).
        last_error: message of the last error.
        queued: DeliveryQueue that wait to be executed.
    """

    finished: dict[TransactionType, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[TransactionType] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    results: list[str] = field(default_factory=list)
    last_error: str = ""
    queued: int = 0

    def encode(self) -> str:
        """Serialize as a line without its newline."""
        return json.dumps({each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def decode(cls, line: str) -> TransactionTally:
        """Parse what `encode` serialized."""
        data = json.loads(line)
        finished = {TransactionType(kind): latencies for kind, latencies in data["finished"].items()}
        errors = Counter({TransactionType(kind): count for kind, count in data["errors"].items()})
        return cls(**{**data, "finished": finished, "errors": errors, "counts": Counter(data["counts"])})


class TransactionCounter:
    """Thread-safe tally of the terminals of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._now = TransactionTally()

    def finish(self, kind: TransactionType, latency_ms: float, counts: dict[str, int]) -> None:
        """Count a finished transaction."""
        with self._lock:
            self._now.finished[kind].append(round(latency_ms, 3))
            self._now.counts.update(counts)

    def fail(self, kind: TransactionType, last_error: str, *, statements: int) -> None:
        """Count a failed attempt."""
        with self._lock:
            self._now.errors[kind] += 1
            self._now.counts["statements"] += statements
            self._now.last_error = last_error

    def log(self, result: str) -> None:
        """Add the result of a Delivery."""
        with self._lock:
            self._now.results.append(result)

    def take(self, queued: int) -> TransactionTally:
        """Return the tally since the last call, and begin a new one."""
        with self._lock:
            taken, self._now = self._now, TransactionTally()
        taken.queued = queued
        return taken
