"""The schedule of a campaign: reproducible, balanced and shuffled."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from distdiag_core.campaign.campaign import Campaign, CaseInjection, Normal, Product, Rotating, Scenario
from distdiag_core.campaign.load import Load
from distdiag_core.campaign.schedule import expected_s, schedule
from tests.small_cluster import NODES

_LOADS = ("low", "middle", "high")
_ANOMALIES = ("cpu_stress", "io_stress", "network_delay")


def _campaign(seed: int = 1, repeats: int = 2) -> Campaign:
    loads = {name: Load(threads=threads) for threads, name in enumerate(_LOADS, start=2)}
    product = Scenario(_LOADS, each=Product(_ANOMALIES, NODES, ("medium", "high")), repeats=repeats)
    pair = Scenario(
        ("low",), together=(CaseInjection("cpu_stress", "n1", "high"), CaseInjection("io_stress", "n2", "high"))
    )
    return Campaign("c", seed, loads, (product, pair), (Normal(("low",), 60.0), Normal(("none", "high"), 30.0, 2)))


@settings(deadline=None)
@given(seed=st.integers(0, 1000), repeats=st.integers(1, 4))
def test_every_case_is_scheduled_once_with_a_unique_name(seed: int, repeats: int) -> None:
    cases = schedule(_campaign(seed, repeats), NODES)
    assert len(cases) == 18 * repeats + 1 + 1 + 2
    assert len({case.name for case in cases}) == len(cases)
    wanted = Counter(case.injections for case in cases if len(case.injections) == 1)
    assert set(wanted.values()) == {repeats}


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_same_file_has_the_same_order_and_another_seed_only_another_order(seed: int) -> None:
    cases = schedule(_campaign(seed), NODES)
    assert schedule(_campaign(seed), NODES) == cases
    other = schedule(_campaign(seed + 1), NODES)
    assert other != cases
    assert sorted(case.name for case in other) == sorted(case.name for case in cases)


def test_every_anomaly_is_seen_under_every_load_equally_often() -> None:
    cases = [case for case in schedule(_campaign(repeats=3), NODES) if len(case.injections) == 1]
    seen = Counter((case.injections[0].anomaly, case.loads[0]) for case in cases)
    assert set(seen.values()) == {6}
    assert len(seen) == 9


def test_repeats_share_a_group_and_set_ups_do_not() -> None:
    cases = [case for case in schedule(_campaign(), NODES) if len(case.injections) == 1]
    groups = Counter(case.group for case in cases)
    assert set(groups.values()) == {2}
    assert "cpu_stress-n1-high" in groups


def test_a_pass_changes_the_load_once_a_level() -> None:
    campaign = replace(_campaign(repeats=1), normal=())
    loads = [case.loads[0] for case in schedule(campaign, NODES)]
    changes = sum(one != other for one, other in itertools.pairwise(loads))
    assert changes == len(_LOADS) - 1


def test_the_time_counts_what_cases_share_once() -> None:
    one = Campaign(
        "c", 1, {"low": Load()}, (Scenario(("low",), together=(CaseInjection("cpu_stress", "n1", "high"),)),)
    )
    three = replace(one, scenarios=(replace(one.scenarios[0], repeats=3),))
    first_s = expected_s(schedule(one, NODES), one)
    assert first_s == 20 + 4 + 15 + 20 + 25 + 25 + 6
    assert expected_s(schedule(three, NODES), three) == first_s + 2 * (25 + 25 + 6)
    assert expected_s((), one) == 0


def test_anomalies_with_other_offsets_hit_other_nodes() -> None:
    apart = (Rotating("cpu_stress"), Rotating("io_stress", offset=1), Rotating("network_delay", offset=2))
    campaign = Campaign("c", 1, {"low": Load(threads=1)}, (Scenario(("low",), "S", rotate=apart, repeats=4),))
    cases = schedule(campaign, NODES)
    assert len(cases) == 4
    assert all({each.node for each in case.injections} == set(NODES) for case in cases)
