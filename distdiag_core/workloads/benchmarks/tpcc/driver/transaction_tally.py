"""What terminals have done since they were last asked."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from threading import Lock

from distdiag_core.workloads.benchmarks.tpcc.driver.deck import TransactionType


@dataclass(slots=True)
class TransactionTally:
    """Adds up while its time lasts.

    Attributes:
        finished: latencies in milliseconds, by type of transaction.
        errors: attempts that failed, likewise.
        counts: `statements` that were sent; New-Orders that were `rolled_back` for an unused item, which count as
            finished; transactions that went to another node too, `remote`; districts that a Delivery `skipped`,
            because they had no order left.
        results: a line for each Delivery, as clause 2.7.2.3 wants it.
        complaint: the last error, in the database's words.
        queued: DeliveryQueue that wait to be executed.
    """

    finished: dict[TransactionType, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[TransactionType] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    results: list[str] = field(default_factory=list)
    complaint: str = ""
    queued: int = 0

    def encode(self) -> str:
        """As a line, without its newline."""
        return json.dumps({each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def decode(cls, line: str) -> TransactionTally:
        """The opposite of `encode`."""
        data = json.loads(line)
        finished = {TransactionType(kind): latencies for kind, latencies in data["finished"].items()}
        errors = Counter({TransactionType(kind): count for kind, count in data["errors"].items()})
        return cls(**{**data, "finished": finished, "errors": errors, "counts": Counter(data["counts"])})


class TransactionCounter:
    """Collects what the terminals of one process do; they are threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._now = TransactionTally()

    def finish(self, kind: TransactionType, latency_ms: float, counts: dict[str, int]) -> None:
        """A transaction has finished."""
        with self._lock:
            self._now.finished[kind].append(round(latency_ms, 3))
            self._now.counts.update(counts)

    def fail(self, kind: TransactionType, complaint: str, *, statements: int) -> None:
        """An attempt at one has failed."""
        with self._lock:
            self._now.errors[kind] += 1
            self._now.counts["statements"] += statements
            self._now.complaint = complaint

    def log(self, result: str) -> None:
        """Keep the result of a Delivery."""
        with self._lock:
            self._now.results.append(result)

    def take(self, queued: int) -> TransactionTally:
        """What there is since the last time."""
        with self._lock:
            taken, self._now = self._now, TransactionTally()
        taken.queued = queued
        return taken
