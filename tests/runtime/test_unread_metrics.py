"""Metrics of sources that were switched off, at each tick of a run."""

from __future__ import annotations

from distdiag_core.recording.events import Event
from distdiag_core.runtime.unread_metrics import UnreadMetrics

_HOST, _SQL = frozenset({"host.memory.used"}), frozenset({"sysstat.db_time"})


def _run() -> UnreadMetrics:
    events = (
        Event(100.5, "action", "the source host is no longer read", data={"unread": [*_HOST]}),
        Event(110.0, "action", "somebody looked"),
        Event(120.5, "action", "the source host is read again", data={"unread": []}),
        Event(300.5, "action", "the source host is no longer read", data={"unread": [*_HOST]}),
        Event(303.5, "action", "the source sysstat is no longer read", data={"unread": [*_HOST, *_SQL]}),
    )
    return UnreadMetrics.of(events, 1.0)


def test_what_is_off_is_hidden_from_the_tick_that_may_have_been_read_after_it() -> None:
    run = _run()
    assert run.hidden(99.0) == frozenset()
    assert run.hidden(100.0) == run.hidden(101.0) == run.hidden(120.0) == _HOST
    assert run.hidden(302.0) == _HOST
    assert run.hidden(304.0) == run.newest == _HOST | _SQL


def test_what_is_read_again_is_hidden_until_no_window_holds_the_gap() -> None:
    run = _run()
    assert run.hidden(125.0) == run.hidden(133.0) == _HOST
    assert run.hidden(134.0) == run.hidden(299.0) == frozenset()


def test_a_run_in_which_nothing_is_switched_hides_nothing() -> None:
    assert UnreadMetrics.of((), 1.0).hidden(5.0) == UnreadMetrics(1.0).newest == frozenset()


def test_a_clock_that_is_set_back_keeps_the_order() -> None:
    run = UnreadMetrics(1.0)
    run.change(100.0, _HOST)
    run.change(50.0, ())
    assert run.hidden(101.0) == _HOST
    assert run.hidden(200.0) == run.newest == frozenset()
