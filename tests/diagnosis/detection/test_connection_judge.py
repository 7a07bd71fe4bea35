"""Databases that are down and that hang, told from the states of connections alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.connection_judge import Failure, failures, judges
from distdiag_core.metrics.frame import Window

NODES = ("n1", "n2")
UP, LATE, SILENT, REFUSED, UNKNOWN = 0.0, 1.0, 2.0, 3.0, math.nan
CALM = (UP,) * 20


def window(
    sql: tuple[float, ...], host: tuple[float, ...] = (), *, others: float = UP, period_s: float = 1.0
) -> Window:
    """States of n1 after twenty ticks in which everything answered; `others` are both newest states of n2."""
    newest = [(*CALM, *sql), (*CALM, *(host or (UP,) * len(sql)))]
    peer = [(*CALM, *(others,) * len(sql))] * 2
    values = np.array([newest, peer], dtype=np.float32)
    times_s = period_s * np.arange(values.shape[-1], dtype=np.float64)
    return Window(times_s, NODES, ("connection.sql", "connection.host"), values)


def failed(seen: Window) -> Failure | None:
    return failures(seen).get("n1")


@pytest.mark.parametrize(
    ("seen", "anomaly", "words"),
    [
        pytest.param(window((LATE, REFUSED, REFUSED)), "node_down", "SQL refused for 2 s, the host answers", id="down"),
        pytest.param(
            window((REFUSED,) * 12, (SILENT,) * 12), "node_down", "SQL refused for 11 s, the host silent for 11 s",
            id="down, and its host is silent",
        ),
        pytest.param(
            window((REFUSED,) * 3, others=REFUSED), "node_down", "SQL refused for 2 s, the host answers",
            id="down, and so are all",
        ),
        pytest.param(
            window((LATE,) * 3 + (SILENT,) * 2), "node_hang", "SQL silent for 4 s, the host answers", id="hangs"
        ),
        pytest.param(
            window((LATE,) * 3 + (SILENT,) * 11, (LATE,) * 4 + (SILENT,) * 10), "node_hang",
            "SQL silent for 13 s, the host silent for 13 s", id="hangs, and so does its host",
        ),
        pytest.param(
            window((SILENT,) * 11, (UNKNOWN,) * 11), "node_hang", "SQL silent for 10 s, the host is not watched",
            id="hangs, and nobody asks its host",
        ),
        pytest.param(
            window((REFUSED,) * 3 + (SILENT,) * 3), "node_down", "SQL refused, now silent for 5 s, the host answers",
            id="starts again",
        ),
    ],
)  # fmt: skip
def test_a_database_that_refuses_is_down_and_one_that_is_silent_hangs(seen: Window, anomaly: str, words: str) -> None:
    found = failed(seen)
    assert found is not None
    assert (found.anomaly, found.words) == (anomaly, words)
    assert found.since_s == 20
    first = found.evidence[0]
    assert (first.metric, first.before, first.now) == ("connection.sql", UP, seen.values[0, 0, -1])


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(window((UP,) * 5), id="answers"),
        pytest.param(window((LATE,) * 30, (LATE,) * 30), id="late for long"),
        pytest.param(window((UP,) * 30, (SILENT,) * 30), id="its host alone is silent"),
        pytest.param(window((UP,) * 30, (REFUSED,) * 30), id="its host alone refuses"),
        pytest.param(window((REFUSED,)), id="refused once"),
        pytest.param(window((SILENT,)), id="silent once"),
        pytest.param(window((REFUSED,) * 4, period_s=0.2), id="refused for less than a second"),
        pytest.param(window((UNKNOWN,) * 30), id="account not accepted any more"),
        pytest.param(window((SILENT,) * 9, (SILENT,) * 9), id="a network that is bad for some seconds"),
        pytest.param(window((SILENT,) * 30, (SILENT,) * 30, others=SILENT), id="this machine is cut off"),
    ],
)
def test_what_may_have_another_reason_accuses_nobody(seen: Window) -> None:
    assert judges(seen)
    assert failures(seen) == {}


def _since_the_start(state: float, ticks: int, *, others: float = UP) -> Window:
    seen = window((state,) * ticks, others=others)
    return seen.last(ticks)


@pytest.mark.parametrize(
    ("seen", "named"),
    [
        pytest.param(_since_the_start(UNKNOWN, 30), False, id="being connected"),
        pytest.param(_since_the_start(REFUSED, 8), False, id="refused for a while"),
        pytest.param(_since_the_start(REFUSED, 12), True, id="refused, and others are not"),
        pytest.param(_since_the_start(REFUSED, 30, others=REFUSED), False, id="no database anywhere"),
    ],
)
def test_a_database_that_has_never_answered_is_named_only_beside_others_that_do(seen: Window, *, named: bool) -> None:
    assert (failed(seen) is not None) == named


def test_a_failure_that_is_older_than_the_history_keeps_its_beginning() -> None:
    first = failures(window((REFUSED,) * 30))
    later = window((REFUSED,) * 100, others=REFUSED).last(60)
    assert not failures(later)
    assert failures(later, first)["n1"].since_s == 20
    assert failures(later, first)["n1"].words == "SQL refused for 99 s, the host answers"


def test_without_states_or_a_watched_database_nothing_is_told() -> None:
    seen = window((REFUSED,) * 30)
    old = Window(seen.times_s, NODES, ("sysstat.db_time", "host.cpu.usage"), seen.values)
    host_alone = Window(seen.times_s, NODES, ("host.cpu.usage", "connection.host"), seen.values)
    assert (judges(old), failures(old)) == (False, {})
    assert (judges(host_alone), failures(host_alone)) == (True, {})
