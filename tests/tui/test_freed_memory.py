"""Memory that was freed is given back to the operating system after what is large and seldom comes again."""

from __future__ import annotations

import ctypes

import psutil
import pytest

from distdiag_tui.screens.models import fit_warnings
from distdiag_tui.watched_cores import WatchedCore, WatchedCores
from tests.tui.canned import calm
from tests.tui.scripted_core import ScriptedCore
from tests.waiting import eventually

# Below the size from which the allocator maps a block by itself, and gives it back as soon as it is freed.
_BLOCK, _BLOCKS = 64 * 1024, 2_000

pytestmark = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="other C libraries give back by themselves"
)


def _free_much() -> None:
    """Free 125 MiB in a way in which the allocator keeps them: something behind them is still in use."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_size_t],
        [ctypes.c_void_p],
    )
    blocks = [libc.malloc(_BLOCK) for _ in range(_BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, _BLOCK)
    libc.malloc(_BLOCK)
    for block in blocks:
        libc.free(block)


def _resident() -> int:
    resident: int = psutil.Process().memory_info().rss
    return resident


def test_reading_a_model_for_the_list_gives_back_what_it_took() -> None:
    _free_much()
    kept = _resident()
    fit_warnings(("lab",), calm())
    assert _resident() < kept - _BLOCK * _BLOCKS // 2


def test_leaving_the_past_gives_back_what_it_took() -> None:
    cores = WatchedCores(ScriptedCore(calm()), lambda _: None)
    cores.past = WatchedCore(ScriptedCore(calm()))
    _free_much()
    kept = _resident()
    cores.come_back()
    eventually(lambda: _resident() < kept - _BLOCK * _BLOCKS // 2, "the memory to be given back")
