"""Notices: one for the begin and one for the end of an incident, and never a flood."""

from __future__ import annotations

from distdiag_core.incidents.notices import MOST_BEGINS, WITHIN_S, IncidentNotices, Notice
from distdiag_core.incidents.tracker import IncidentTracker
from tests.incidents.conftest import diagnosis


def notices() -> IncidentNotices:
    return IncidentNotices("shop", {"cpu_stress": "CPU stress"}.__getitem__)


def told(*spans: tuple[float, float], until_s: float) -> list[tuple[float, Notice]]:
    """What is told of a node that suffers in these spans, tick by tick."""
    tracker, of, found = IncidentTracker(), notices(), list[tuple[float, Notice]]()
    for second in range(int(until_s)):
        active = any(start <= second < end for start, end in spans)
        tracker.on_tick(second, diagnosis(second, *([("n2", "cpu_stress")] if active else [])))
        found += [(second, each) for each in of.on_tick(second, tracker.current, 1_000.0)]
    return found


def test_an_incident_is_told_once_at_its_begin_and_once_at_its_end() -> None:
    (begun_s, begin), (ended_s, end) = told((10, 30), (33, 40), until_s=80)
    assert (begun_s, begin.event, begin.text) == (
        10,
        "incident_begin",
        "shop: CPU stress on n2, confidence 0.90 (incident 1)",
    )
    assert (end.event, end.text) == ("incident_end", "shop: incident 1 is over after 33 s")
    assert 40 < ended_s < 60
    assert end.data() == {
        "event": "incident_end",
        "cluster": "shop",
        "incident": 1,
        "text": end.text,
        "node": "n2",
        "anomaly": "cpu_stress",
        "confidence": 0.9,
        "nodes": ["n2"],
        "onset": "1970-01-01T00:16:46Z",
        "duration_s": 33.0,
    }


def test_of_a_flood_the_rest_is_counted_with_the_next_that_is_told() -> None:
    spans = [(at * 20.0, at * 20.0 + 2) for at in range(MOST_BEGINS + 3)]
    later = WITHIN_S + 300
    found = [each for _, each in told(*spans, (later, later + 2), until_s=later + 40)]
    begins = [each for each in found if each.event == "incident_begin"]
    assert len(begins) == MOST_BEGINS + 1
    assert [each.event for each in found] == ["incident_begin", "incident_end"] * len(begins)
    assert begins[-1].text.endswith("; 3 more were not announced")
