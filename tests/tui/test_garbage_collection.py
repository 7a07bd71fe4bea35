"""Garbage collection: what stays is left out, and what was to stay and is garbage now is not."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from distdiag_tui import garbage_collection

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Circle:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_until_it_is_settled_what_stays() -> None:
    garbage_collection.hold_off()
    assert not gc.isenabled()
    garbage_collection.settle()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 1000


def test_what_is_garbage_when_it_is_settled_goes() -> None:
    garbage_collection.hold_off()
    gone = weakref.ref(_Circle())
    assert gone() is not None
    garbage_collection.settle()
    assert gone() is None


def test_what_was_to_stay_and_is_garbage_goes_when_it_is_settled_anew() -> None:
    circle = _Circle()
    gone = weakref.ref(circle)
    garbage_collection.settle()
    del circle
    gc.collect()
    assert gone() is not None
    garbage_collection.settle()
    assert gone() is None
