"""Consecutive diagnoses are one incident, from the estimated onset until nothing was active for a while."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.incidents.incident import Incident, Verdict
from distdiag_core.incidents.tracker import QUIET_S, IncidentTracker, Step
from tests.incidents.conftest import diagnosis, injection

CPU, IO = ("n2", "cpu_stress"), ("n1", "io_stress")


def follow(*ticks: tuple[float, tuple[tuple[str, str], ...]]) -> list[Step]:
    """What changes when these are active at these times."""
    tracker = IncidentTracker()
    return [step for time_s, active in ticks for step in tracker.on_tick(time_s, diagnosis(time_s, *active))]


def last_of(steps: list[Step]) -> dict[int, Incident]:
    return {step.incident.id: step.incident for step in steps}


def test_it_begins_at_the_estimated_onset_and_ends_after_a_quiet_time() -> None:
    ticks = [(float(second), (CPU,) if 100 <= second < 130 else ()) for second in range(90, 160)]
    (incident,) = last_of(follow(*ticks)).values()

    assert (incident.onset_s, incident.noticed_s, incident.last_s) == (96.0, 100.0, 129.0)
    assert incident.ended_s == 129.0 + QUIET_S + 1
    assert incident.duration_s == 33.0
    assert [cause.place for cause in incident.causes] == [CPU]


def test_what_pauses_for_less_than_that_goes_on() -> None:
    active = [*range(100, 110), *range(119, 125)]
    ticks = [(float(second), (CPU,) if second in active else ()) for second in range(90, 160)]

    assert list(last_of(follow(*ticks))) == [1]


def test_causes_and_nodes_join() -> None:
    ticks = [(float(second), (CPU,) if second < 120 else (CPU, IO)) for second in range(100, 140)]
    (incident,) = last_of(follow(*ticks)).values()

    assert incident.nodes == ("n2", "n1")
    assert [(cause.place, cause.joined_s, cause.last_s) for cause in incident.causes] == [
        (CPU, 100.0, 139.0),
        (IO, 120.0, 139.0),
    ]
    assert incident.ended_s is None


def test_verdicts_are_told_where_they_change() -> None:
    tracker = IncidentTracker()
    told = []
    for second in range(30):
        now = diagnosis(float(second), CPU, confidence=0.7 if second < 10 else 0.71 if second < 20 else 0.99)
        told += [step.verdict for step in tracker.on_tick(float(second), now) if step.verdict]

    assert [(each.time_s, each.causes[0].confidence) for each in told] == [(0.0, 0.7), (20.0, 0.99)]
    assert tracker.current is not None
    assert tracker.current.main_cause.highest == 0.99


def test_the_end_is_the_last_verdict() -> None:
    steps = follow(*[(float(second), (CPU,) if second < 5 else ()) for second in range(30)])

    assert [step.verdict for step in steps if step.verdict][-1] == Verdict(5.0, ())


def test_the_impact_is_a_mean_over_the_active_ticks() -> None:
    (incident,) = last_of(follow(*[(float(second), (CPU,)) for second in range(10)])).values()

    assert str(incident.impact_on()) == "tps -25 %"
    assert str(incident.impact_on("n2")) == "tps -50 %, latency x3.0"
    assert incident.impact_on("n1") is None


def test_injections_are_linked_while_something_is_active() -> None:
    tracker = IncidentTracker()
    seen: Incident | None = None
    for second in range(40):
        listed = [injection("before", 0.0)] if second < 5 else [injection("with", 12.0)] if second < 30 else []
        now = diagnosis(float(second), *((CPU,) if 10 <= second < 25 else ()))
        for step in tracker.on_tick(float(second), now, listed, {"with": second > 15}):
            seen = step.incident

    assert seen is not None
    assert [(each.id, each.node, each.last_s, each.hit) for each in seen.injections] == [("with", "n2", 24.0, True)]


def test_without_a_diagnosis_nobody_knows_and_it_ends() -> None:
    tracker = IncidentTracker()
    tracker.on_tick(0.0, diagnosis(0.0, CPU))
    assert tracker.on_tick(QUIET_S, None) == ()
    (step,) = tracker.on_tick(QUIET_S + 1, None)
    assert step.incident.ended_s == QUIET_S + 1
    assert tracker.current is None


def test_after_a_gap_without_ticks_another_one_begins() -> None:
    steps = follow((0.0, (CPU,)), (1.0, (CPU,)), (500.0, (CPU,)))

    assert [(each.id, each.ended_s) for each in last_of(steps).values()] == [(1, 500.0), (2, None)]


def test_what_limits_the_diagnosis_at_the_end_is_kept() -> None:
    tracker = IncidentTracker()
    tracker.on_tick(0.0, diagnosis(0.0, CPU))
    (step,) = tracker.on_tick(60.0, diagnosis(60.0, note="waiting for baseline"))

    assert step.incident.note == "waiting for baseline"


PLACES = st.lists(st.sampled_from([CPU, IO, ("n2", "io_stress")]), unique=True, max_size=3)
TICKS = st.lists(st.tuples(st.floats(0.5, 15), st.one_of(st.none(), PLACES)), max_size=60)


@given(TICKS)
def test_whatever_is_diagnosed_incidents_are_apart_and_whole(
    ticks: list[tuple[float, list[tuple[str, str]] | None]],
) -> None:
    tracker, time_s = IncidentTracker(), 1000.0
    steps: list[Step] = []
    active: list[tuple[float, list[tuple[str, str]]]] = []
    for pause_s, places in ticks:
        time_s += pause_s
        now = None if places is None else diagnosis(time_s, *places)
        steps += tracker.on_tick(time_s, now)
        if places:
            active.append((time_s, places))
            assert tracker.current is not None
            assert tracker.current.last_s == time_s
    found = list(last_of(steps).values())

    # Every active root cause is in exactly one incident, which covers its tick.
    for at_s, places in active:
        (around,) = [each for each in found if each.noticed_s <= at_s <= each.last_s]
        assert set(places) <= {cause.place for cause in around.causes}
    # Two are apart by more than the quiet time; inside one no pause is longer.
    for one, two in pairwise(found):
        assert two.noticed_s - one.last_s > QUIET_S
        assert one.ended_s is not None
    times_s = [at_s for at_s, _ in active]
    pauses = sum(after - before > QUIET_S for before, after in pairwise(times_s))
    assert len(found) == (pauses + 1 if active else 0)
    # Numbers count up, times are in order, and an incident that has ended changes no more.
    assert [each.id for each in found] == list(range(1, len(found) + 1))
    assert all(each.onset_s <= each.noticed_s <= each.last_s for each in found)
    ids = [step.incident.id for step in steps]
    assert ids == sorted(ids)
    for earlier, later in pairwise(steps):
        if earlier.incident.id == later.incident.id:
            assert earlier.incident.ended_s is None
            assert earlier.incident.last_s <= later.incident.last_s
            assert [each.place for each in earlier.incident.causes] == [
                each.place for each in later.incident.causes[: len(earlier.incident.causes)]
            ]
