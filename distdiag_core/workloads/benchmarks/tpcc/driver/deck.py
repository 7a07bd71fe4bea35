"""The transaction mix as a deck of cards (clause 5.2.4.2), and keying and think times (clause 5.2.5)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


class TransactionType(StrEnum):
    """The five transaction types."""

    NEW_ORDER = "new_order"
    PAYMENT = "payment"
    ORDER_STATUS = "order_status"
    DELIVERY = "delivery"
    STOCK_LEVEL = "stock_level"


_CARDS = (
    *(TransactionType.NEW_ORDER,) * 10,
    *(TransactionType.PAYMENT,) * 10,
    TransactionType.ORDER_STATUS,
    TransactionType.DELIVERY,
    TransactionType.STOCK_LEVEL,
)
# Think times are truncated at ten times their mean (clause 5.2.5.4).
_LONGEST_THINK = 10


@dataclass(frozen=True, slots=True)
class Waits:
    """Waiting times of the user of a terminal for one transaction type (clause 5.2.5.7).

    Attributes:
        keying_s: time to type the input.
        think_s: mean time to read the answer.
    """

    keying_s: float
    think_s: float


WAITS = {
    TransactionType.NEW_ORDER: Waits(18.0, 12.0),
    TransactionType.PAYMENT: Waits(3.0, 12.0),
    TransactionType.ORDER_STATUS: Waits(2.0, 10.0),
    TransactionType.DELIVERY: Waits(2.0, 5.0),
    TransactionType.STOCK_LEVEL: Waits(2.0, 5.0),
}


class Deck:
    """Deck of 23 cards, shuffled anew whenever it is empty."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left: list[TransactionType] = []

    def draw(self) -> TransactionType:
        """Draw the next transaction type."""
        if not self._left:
            self._left = list(_CARDS)
            self._random.shuffle(self._left)
        return self._left.pop()


def think_s(random: Random, kind: TransactionType) -> float:
    """Random think time after a transaction, in seconds: -log(r) times the mean, truncated."""
    return min(-math.log(1.0 - random.random()), _LONGEST_THINK) * WAITS[kind].think_s
