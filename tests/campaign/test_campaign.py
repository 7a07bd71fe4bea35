"""Campaign files: what is accepted, what is refused, and the ones that ship."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.campaign.campaign import load
from distdiag_core.campaign.schedule import expected_s, schedule
from distdiag_core.errors import ConfigError
from tests.campaign.conftest import NODES

if TYPE_CHECKING:
    from pathlib import Path

_GOOD = """
name: small
seed: 1
loads: {low: {threads: 2}}
scenarios:
- each: {anomalies: [cpu_stress], nodes: [n1], severities: [high]}
  loads: [low]
normal:
- {loads: [low, none], for_s: 30}
"""


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "campaign.yaml"
    path.write_text(text)
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    campaign = load(_write(tmp_path, _GOOD))
    assert campaign.loads["low"].threads == 2
    assert campaign.scenarios[0].during_s == 25.0
    assert campaign.normal[0].length_s == 60.0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 1", "sede: 1", "sede: unknown key"),
        ("seed: 1", "seed: 1\nseed_: 2", "seed_: unknown key"),
        ("{threads: 2}", "{threads: 0}", "threads must be at least 1, not 0"),
        ("{threads: 2}", "{threads: 2, rate: -1}", "rate must be at least 0, not -1"),
        ("{threads: 2}", "{threads: lots}", r"loads\.low\.threads"),
        ("loads: [low]", "loads: [high]", "the load 'high' is used but not defined; defined: low, none"),
        ("loads: [low]", "loads: []", "loads is empty"),
        ("nodes: [n1]", "nodes: []", "nodes is empty"),
        ("[high]}", "[highest]}", r"severities\.0"),
        ("loads: {low", "loads: {none: {}, low", "the load `none` is built in"),
        ("name: small", "name: ../small", "'../small' is no name"),
        ("loads: [low]", "loads: [low]\n  before_s: 0", "before_s must be at least 1, not 0"),
        ("loads: [low]", "loads: [low]\n  during_s: .nan", "during_s must be at least 1, not nan"),
        ("loads: [low]", "loads: [low]\n  during_s: 600", "a case would take 640 s, and 540 s is the most"),
        ("loads: [low]", "loads: [low]\n  together: [{anomaly: a, node: n1, severity: low}]", "give either `each`"),
        ("for_s: 30", "for_s: 300", "a case would take 600 s"),
        ("seed: 1", "seed: [1", "is not valid YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in _GOOD
    with pytest.raises(ConfigError, match=message):
        load(_write(tmp_path, _GOOD.replace(old, new, 1)))


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = _GOOD.replace("{threads: 2}", "{threads: 0, rate: -1}").replace("for_s: 30", "for_s: 0")
    with pytest.raises(ConfigError) as caught:
        load(_write(tmp_path, text))
    for part in ("threads must be", "rate must be", "for_s must be"):
        assert part in str(caught.value)


def test_a_campaign_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="neither scenarios nor normal"):
        load(_write(tmp_path, "name: empty\nseed: 1\nloads: {}"))


@pytest.mark.parametrize(("name", "cases", "most_minutes"), [("lab-singles", 36, 42), ("lab-unseen", 21, 32)])
def test_the_shipped_campaigns_cover_every_node_and_anomaly(name: str, cases: int, most_minutes: int) -> None:
    campaign = load(places.shipped_config() / "scenarios" / f"{name}.yaml")
    planned = schedule(campaign, NODES)
    single = [case.injections[0] for case in planned if case.injections]
    assert len(single) >= cases
    assert expected_s(planned, campaign) <= most_minutes * 60
    places_hurt = Counter((wanted.anomaly, wanted.node) for wanted in single)
    assert len(places_hurt) == 9
    assert min(places_hurt.values()) == max(2, cases // 9)


def test_the_test_campaign_shares_nothing_with_the_training_campaign() -> None:
    singles, unseen = (
        load(places.shipped_config() / "scenarios" / f"{name}.yaml") for name in ("lab-singles", "lab-unseen")
    )
    assert singles.seed != unseen.seed
    assert not set(singles.loads.values()) & set(unseen.loads.values())
