"""The arithmetic of the soak: slopes with their verdicts, and the plan from a seed. The soak itself is `make soak`."""

from __future__ import annotations

import random

import pytest

from tests.bench.soak.plan import FOLLOWED, OTHERS, plan
from tests.bench.soak.trend import Point, grows, second_half, trend, verdict

_HOUR_S = 3600
_MINUTES = [60.0 * minute for minute in range(120)]
_NODES, _ANOMALIES = ("n1", "n2", "n3"), ("cpu_stress", "io_stress", "node_down", "workload_overload")


def test_a_steady_growth_is_named_with_its_amount() -> None:
    found = trend([Point(at_s, 200 + 12 * at_s / _HOUR_S) for at_s in _MINUTES])

    assert found is not None
    assert found.slope == pytest.approx(12)
    assert verdict(found, 4) == "grows by 12.0 an hour"
    assert grows(found, 4)


def test_noise_without_a_slope_is_flat_and_much_noise_is_unclear() -> None:
    chance = random.Random(3)  # noqa: S311 - noise
    quiet, loud = ([Point(at_s, 200 + chance.gauss(0, width)) for at_s in _MINUTES] for width in (0.5, 40))

    assert verdict(trend(quiet), 4) == "flat"
    assert verdict(trend(loud), 4).startswith("unclear: ")
    assert not grows(trend(loud), 4)


def test_a_restart_is_no_slope_and_does_not_hide_one() -> None:
    # The second process begins lower; within each life the figure grows.
    growing = [
        Point(at_s, (300 if at_s < _HOUR_S else 100) + 8 * at_s / _HOUR_S, int(at_s >= _HOUR_S)) for at_s in _MINUTES
    ]
    falling = [Point(at_s, 300 if at_s < _HOUR_S else 100, int(at_s >= _HOUR_S)) for at_s in _MINUTES]

    assert verdict(trend(growing), 4) == "grows by 8.0 an hour"
    assert verdict(trend(falling), 4) == "flat"


def test_what_falls_is_no_finding_and_little_is_too_short() -> None:
    found = trend([Point(at_s, 200 - 12 * at_s / _HOUR_S) for at_s in _MINUTES])

    assert verdict(found, 4) == "falls by 12.0 an hour"
    assert not grows(found, 4)
    assert verdict(trend([Point(at_s, 1.0) for at_s in _MINUTES[:5]]), 4) == "too short to say"
    # Lives of one point each say nothing of a slope.
    assert trend([Point(at_s, at_s, int(at_s)) for at_s in _MINUTES]) is None


def test_the_second_half_alone_is_judged() -> None:
    points = [Point(at_s, min(at_s, _HOUR_S) / 60) for at_s in _MINUTES]

    assert verdict(trend(second_half(points, _MINUTES[-1])), 4) == "flat"


def test_a_seed_gives_one_plan_and_another_seed_another() -> None:
    first, again, other = (plan(seed, 2 * _HOUR_S, _NODES, _ANOMALIES) for seed in (1, 1, 2))

    assert first == again
    assert first != other


@pytest.mark.parametrize("seconds", [300.0, _HOUR_S, 12.0 * _HOUR_S])
def test_every_plan_has_some_of_everything_and_ends_in_time(seconds: float) -> None:
    steps = plan(5, seconds, _NODES, _ANOMALIES)

    assert {step.kind for step in steps} == {"load", "inject", "rough", "kill", "stall"}
    assert [step.at_s for step in steps] == sorted(step.at_s for step in steps)
    assert all(step.at_s + step.lasts_s < seconds for step in steps)
    killed = {step.what[0] for step in steps if step.kind == "kill"}
    assert killed >= ({*FOLLOWED, *OTHERS} if seconds > _HOUR_S else {FOLLOWED[0]})
    assert all(step.at_s < seconds / 2 for step in steps if step.what[0] in FOLLOWED and step.kind == "kill")
