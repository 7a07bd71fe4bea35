"""Selection of scenarios, and the union of several campaign files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from distdiag_core.campaign.campaign import Campaign, Normal, Rotating, Scenario
from distdiag_core.campaign.load import Load
from distdiag_core.campaign.schedule import schedule
from distdiag_core.campaign.selection import Selection, together
from distdiag_core.errors import ConfigError
from tests.small_cluster import NODES

_LOADS = {"low": Load(threads=2), "high": Load(threads=6), "orders": Load("tpcc", threads=2)}
_A1, _A2 = (
    Scenario(("low", "orders"), name, rotate=(Rotating(anomaly),), repeats=4)
    for name, anomaly in (("A1", "cpu_stress"), ("A2", "io_stress"))
)
_WHOLE = Campaign("whole", 1, _LOADS, (_A1, _A2), (Normal(("low",), 30.0), Normal(("none", "orders"), 30.0)))


def test_an_empty_selection_changes_nothing() -> None:
    assert Selection().of(_WHOLE) == _WHOLE


def test_seed_and_repeats_are_replaced() -> None:
    chosen = Selection(seed=9, repeats=2).of(_WHOLE)
    assert chosen.seed == 9
    assert [scenario.repeats for scenario in chosen.scenarios] == [2, 2]


def test_other_loads_leave_out_normal_stretches_under_others() -> None:
    chosen = Selection(loads=("high", "orders")).of(_WHOLE)
    assert {case.loads for case in schedule(chosen, NODES) if case.injections} == {("high",), ("orders",)}
    assert chosen.normal == (Normal(("none", "orders"), 30.0),)


@pytest.mark.parametrize(
    ("only", "scenarios", "stretches"),
    [(("A1",), ["A1"], 0), (("A?",), ["A1", "A2"], 0), (("normal",), [], 2), (("A2", "normal"), ["A2"], 2)],
)
def test_only_named_scenarios_are_left(only: tuple[str, ...], scenarios: list[str], stretches: int) -> None:
    chosen = Selection(only=only).of(_WHOLE)
    assert [scenario.name for scenario in chosen.scenarios] == scenarios
    assert len(chosen.normal) == stretches


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (Selection(only=("B1",)), "has no scenario B1; it has A1, A2, normal"),
        (Selection(loads=("huge",)), "has no load huge; it has low, high, orders, none"),
        (Selection(loads=("high",), only=("normal",)), "nothing is left to record"),
    ],
)
def test_unknown_names_are_reported(selection: Selection, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        selection.of(_WHOLE)


def test_removed_scenarios_do_not_change_the_others() -> None:
    whole = {case.name for case in schedule(_WHOLE, NODES) if case.scenario == "A2"}
    assert {case.name for case in schedule(Selection(only=("A2",)).of(_WHOLE), NODES)} == whole


def test_several_files_are_mixed() -> None:
    loads = {"low": Load(threads=2), "more": Load(threads=9)}
    other = Campaign("other", 2, loads, (replace(_A1, name="X", loads=("low", "more")),))
    both = together([_WHOLE, other])
    assert (both.name, both.seed) == ("whole.other", 1)
    assert [scenario.name for scenario in both.scenarios] == ["A1", "A2", "X"]
    assert set(both.loads) == {"low", "high", "orders", "more"}


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (replace(_WHOLE, loads=_LOADS | {"low": Load(threads=3)}), "low is something else here"),
        (replace(_WHOLE, scenarios=(replace(_A1, repeats=1),)), "A1 is something else here"),
        (replace(_WHOLE, tables=9), "want different tables"),
    ],
)
def test_files_that_contradict_each_other_are_refused(other: Campaign, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        together([_WHOLE, other])
