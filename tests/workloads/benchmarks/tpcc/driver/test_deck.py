"""The deck has the mix, and think times the distribution, of clause 5.2."""

from __future__ import annotations

from collections import Counter
from random import Random
from statistics import fmean

import numpy as np

from distdiag_core.workloads.benchmarks.tpcc.driver.deck import Deck, TransactionType, think_s
from tests.workloads.benchmarks.tpcc.chi_square import fits

_SHARES = {
    TransactionType.NEW_ORDER: 10 / 23,
    TransactionType.PAYMENT: 10 / 23,
    TransactionType.ORDER_STATUS: 1 / 23,
    TransactionType.DELIVERY: 1 / 23,
    TransactionType.STOCK_LEVEL: 1 / 23,
}


def test_every_deck_has_the_same_cards_in_another_order() -> None:
    deck = Deck(Random(4))
    decks = [tuple(deck.draw() for _ in range(23)) for _ in range(100)]
    counts = {kind: round(23 * share) for kind, share in _SHARES.items()}
    assert all(Counter(cards) == counts for cards in decks)
    assert len(set(decks)) == 100


def test_every_place_in_the_deck_has_every_card_as_often_as_the_deck_has() -> None:
    for place in (0, 11, 22):
        random = Random(5 + place)
        drawn = Counter([tuple(deck.draw() for _ in range(23))[place] for deck in (Deck(random) for _ in range(4_000))])
        observed = np.array([drawn[kind] for kind in _SHARES])
        assert fits(observed, np.array(list(_SHARES.values())))


def test_think_times_have_their_mean_and_an_end() -> None:
    random = Random(6)
    times_s = [think_s(random, TransactionType.NEW_ORDER) for _ in range(50_000)]
    assert abs(fmean(times_s) - 12) < 0.2
    assert 0 <= min(times_s) < 0.01
    assert 60 < max(times_s) <= 120
