"""Which transaction a terminal does next (clause 5.2.4.2), and how long its user takes (clause 5.2.5)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


class TransactionType(StrEnum):
    """The five types of transaction."""

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
# A think time is cut off at ten times its mean (clause 5.2.5.4).
_LONGEST_THINK = 10


@dataclass(frozen=True, slots=True)
class Waits:
    """What a user takes (clause 5.2.5.7).

    Attributes:
        keying_s: to type the input.
        think_s: on average, to read the answer.
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
    """Dealt to its end, then shuffled again."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left: list[TransactionType] = []

    def draw(self) -> TransactionType:
        """The next card."""
        if not self._left:
            self._left = list(_CARDS)
            self._random.shuffle(self._left)
        return self._left.pop()


def think_s(random: Random, kind: TransactionType) -> float:
    """How long the user thinks after a transaction: -log(r) times the mean."""
    return min(-math.log(1.0 - random.random()), _LONGEST_THINK) * WAITS[kind].think_s
