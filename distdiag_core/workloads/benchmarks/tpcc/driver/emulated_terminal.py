"""The emulated terminal: draws a transaction type, keys the input, waits for the answer, thinks."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.driver.deck import WAITS, Deck, TransactionType, think_s
from distdiag_core.workloads.benchmarks.tpcc.driver.execution import execute
from distdiag_core.workloads.benchmarks.tpcc.transactions.new_order import new_order
from distdiag_core.workloads.benchmarks.tpcc.transactions.order_status import order_status
from distdiag_core.workloads.benchmarks.tpcc.transactions.payment import payment
from distdiag_core.workloads.benchmarks.tpcc.transactions.stock_level import stock_level
from distdiag_core.workloads.rate_limiter import RateLimiter

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from distdiag_core.workloads.benchmarks.tpcc.driver.delivery_queue import DeliveryQueue
    from distdiag_core.workloads.benchmarks.tpcc.driver.transaction_tally import TransactionCounter
    from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
    from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Inputs

# Arrivals of the last second are made up for after a stall.
_BACKLOG_S = 1.0


class Pace:
    """Rate limit that the terminals of a process share."""

    def __init__(self, per_s: float) -> None:
        self._limiter = RateLimiter(per_s, backlog_s=_BACKLOG_S)
        self._lock = Lock()

    def wait(self) -> None:
        """Wait for the next transaction to be due."""
        with self._lock:
            delay_s = self._limiter.delay_s()
        if delay_s:
            time.sleep(delay_s)


class Terminal:
    """A terminal in a thread.

    Args:
        waits: take the keying and think times of the specification.
    """

    def __init__(
        self,
        databases: Databases,
        inputs: Inputs,
        deliveries: DeliveryQueue,
        counter: TransactionCounter,
        pace: Pace,
        random: Random,
        *,
        waits: bool,
    ) -> None:
        self._databases = databases
        self._inputs = inputs
        self._deliveries = deliveries
        self._counter = counter
        self._pace = pace
        self._random = random
        self._deck = Deck(random)
        self._waits = waits

    def work(self) -> None:
        """Execute transactions for ever."""
        while True:
            kind = self._deck.draw()
            if self._waits:
                time.sleep(WAITS[kind].keying_s)
            self._pace.wait()
            if kind is TransactionType.DELIVERY:
                self._deliveries.put(self._inputs.delivery())
            else:
                execute(self._databases, kind, self._transaction(kind), self._counter)
            if self._waits:
                time.sleep(think_s(self._random, kind))

    def _transaction(self, kind: TransactionType) -> Callable[[], dict[str, int]]:
        """A transaction with its input, which is the same for all attempts."""
        databases, inputs = self._databases, self._inputs
        match kind:
            case TransactionType.NEW_ORDER:
                order = inputs.new_order()
                return lambda: {"rolled_back": int(new_order(databases, order) is None)}
            case TransactionType.PAYMENT:
                paid = inputs.payment()
                return lambda: _no_counts(payment(databases, paid))
            case TransactionType.ORDER_STATUS:
                status = inputs.order_status()
                return lambda: _no_counts(order_status(databases, status))
            case _:
                level = inputs.stock_level()
                return lambda: _no_counts(stock_level(databases, level))


def _no_counts(_: object) -> dict[str, int]:
    """No further counts."""
    return {}
