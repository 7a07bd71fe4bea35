from __future__ import annotations

import numpy as np

from distdiag_tui.drawing.timelines import averaged, held


def test_each_cell_has_the_mean_of_what_is_known_in_it() -> None:
    times_s = np.arange(10.0)
    values = np.array([1, 3, np.nan, 5, np.nan, np.nan, 7, 7, 9, 100], dtype=float)
    np.testing.assert_array_equal(averaged(times_s, values, (0.0, 8.0), 4), [2, 5, np.nan, 23 / 3])


def test_cells_narrower_than_ticks_are_no_gaps() -> None:
    times_s = np.array([0.0, 1.0, 2.0, 5.0])
    values = np.array([1.0, np.nan, 3.0, 4.0])
    found = averaged(times_s, values, (0.0, 6.0), 18)
    expected = [1, 1, 1, *[np.nan] * 3, 3, 3, 3, 3, 3, *[np.nan] * 4, 4, 4, 4]
    np.testing.assert_array_equal(found, expected)


def test_a_value_holds_until_the_next_and_short_peaks_are_kept() -> None:
    changes = [(2.0, 0.5), (5.1, 0.9), (5.2, 0.1)]
    np.testing.assert_array_equal(held(changes, (0.0, 8.0), 4), [np.nan, 0.5, 0.9, 0.1])


def test_no_changes_leave_every_cell_unknown() -> None:
    assert np.isnan(held([], (0.0, 1.0), 3)).all()
