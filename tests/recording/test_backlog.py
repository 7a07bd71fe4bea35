"""The queue in front of the disk: bounded, in order, and honest about what it lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.recording.backlog import Backlog
from distdiag_core.recording.schema import Row


def _rows(first: int, count: int) -> list[Row]:
    return [Row("", (float(number),)) for number in range(first, first + count)]


@given(capacity=st.integers(1, 10), before=st.integers(1, 15), after=st.integers(0, 15))
def test_the_newest_rows_stay_in_order_and_the_others_are_counted(capacity: int, before: int, after: int) -> None:
    backlog = Backlog(capacity)
    for row in _rows(0, before):
        backlog.put(row)
    taken, last = backlog.take()
    for row in _rows(before, after):
        backlog.put(row)
    backlog.put_back(taken)
    backlog.close()
    kept, end = backlog.take()
    assert kept == _rows(0, before + after)[-capacity:]
    assert backlog.forget_lost() == before + after - len(kept)
    assert backlog.lost == 0
    assert (last, end) == (False, True)


def test_a_row_counts_as_written_once_it_is_on_the_disk_or_lost() -> None:
    backlog = Backlog(2)
    assert backlog.wait_written(0.0)
    for row in _rows(0, 3):
        backlog.put(row)
    assert not backlog.wait_written(0.0)
    rows, _ = backlog.take()
    backlog.put_back(rows)
    assert not backlog.wait_written(0.0)
    backlog.take()
    backlog.mark_written()
    assert backlog.wait_written(0.0)


def test_the_close_comes_with_the_rows_that_are_left() -> None:
    backlog = Backlog(5)
    backlog.put_back(_rows(0, 2))
    backlog.close()
    assert backlog.take() == (_rows(0, 2), True)
