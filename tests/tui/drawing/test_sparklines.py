from __future__ import annotations

import numpy as np
import pytest

from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.sparklines import STEP_TICKS, binned, ceiling, drawn, steady_ceiling


def test_a_bin_is_the_mean_of_its_ticks() -> None:
    values = np.arange(10, dtype=np.float32)[None, None, :]
    # Tick 9 fills the last place of the bin that began at tick 5.
    assert binned(values, 9, 2).tolist() == [[[2.0, 7.0]]]


def test_the_newest_bin_is_still_filling() -> None:
    values = np.arange(11, dtype=np.float32)[None, None, :]
    assert binned(values, 10, 2)[0, 0].tolist() == [7.0, 10.0]


def test_bins_stand_still_until_the_next_begins() -> None:
    series = np.random.default_rng(1).random(60).astype(np.float32)
    before = binned(series[None, None, :56], 55, 8)[0, 0]
    after = binned(series[None, None, :57], 56, 8)[0, 0]
    assert before[:-1] == pytest.approx(after[:-1])


def test_rows_do_not_slide_at_the_same_tick() -> None:
    values = np.tile(np.arange(60, dtype=np.float32), (STEP_TICKS, 1, 1))
    slid = [
        int(
            (
                binned(values[:, :, :tick], tick, 6)[:, 0, 0] != binned(values[:, :, : tick - 1], tick - 1, 6)[:, 0, 0]
            ).sum()
        )
        for tick in range(50, 55)
    ]
    assert slid == [1] * STEP_TICKS


def test_what_is_unknown_stays_unknown() -> None:
    values = np.full((1, 1, 10), np.nan, dtype=np.float32)
    values[0, 0, 7] = 4.0
    bins = binned(values, 9, 3)[0, 0]
    assert np.isnan(bins[:2]).all()
    assert bins[2] == 4.0


@pytest.mark.parametrize(
    ("values", "unit", "top"),
    [
        ([3.0], "%", 100),
        ([3.0], "ms", 5),
        ([900.0], "1/s", 2000),
        ([0.0], "1/s", 1),
        ([np.nan], "1/s", 1),
        ([1.6e6], "bytes/s", 2 * 1024.0**2),
    ],
)
def test_scales_are_round(values: list[float], unit: str, top: float) -> None:
    assert ceiling(np.array(values), unit) == pytest.approx(top)


def test_a_sparkline_leaves_gaps_and_stays_in_its_scale() -> None:
    glyphs = SETS["block"]
    assert glyphs.spark([0, 50, 100, np.nan, 1e9, -5], 100) == "▁▅█ █▁"
    assert SETS["ascii"].spark([0, 100], 0).isascii()


def test_sparklines_of_many_rows_are_those_of_one() -> None:
    bins = np.array([[[0.0, 50.0, 100.0], [np.nan, 2.0, -3.0]]])
    assert drawn(bins, [100.0, 4.0], SETS["block"].levels) == [["▁▅█", " ▅▁"]]


def test_a_scale_does_not_follow_every_value() -> None:
    # From 1.7 on, the headroom alone would ask for the next scale, and back again.
    tops: list[float | None] = [None]
    for value in (1.5, 1.7, 1.6, 1.9, 2.1, 1.9, 1.8):
        tops.append(steady_ceiling(tops[-1], np.array([value]), "/s"))
    assert tops[1:] == [2.0, 2.0, 2.0, 2.0, 5.0, 5.0, 5.0]
    assert steady_ceiling(5.0, np.array([1.6]), "/s") == 2.0
    assert steady_ceiling(5.0, np.array([np.nan]), "/s") == 1.0
