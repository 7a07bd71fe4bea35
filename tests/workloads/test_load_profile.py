"""Load profiles over time, and the named profiles of the configuration files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.control import profiles
from distdiag_core.workloads.load_profile import LoadProfile, LoadStep
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = WorkloadRequest(nodes=("n1",), threads=7, rate=3)


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_without_steps_the_load_is_that_of_the_request() -> None:
    load = LoadProfile().at(1e9, REQUEST)

    assert (load.request, load.lasts_s) == (REQUEST, math.inf)


def test_a_profile_of_one_step_is_constant() -> None:
    load = LoadProfile((LoadStep(1, threads=2, rate=5),)).at(3600, REQUEST)

    assert (load.request.threads, load.request.rate, load.lasts_s) == (2, 5, math.inf)


def test_steps_repeat_in_their_order() -> None:
    profile = LoadProfile((LoadStep(1, threads=1), LoadStep(2, threads=2, rate=9)))

    seen = [profile.at(elapsed_s, REQUEST) for elapsed_s in (0, 59, 60, 179, 180, 241)]

    assert [(each.request.threads, each.request.rate) for each in seen] == [
        (1, 0), (1, 0), (2, 9), (2, 9), (1, 0), (2, 9),
    ]  # fmt: skip
    assert [each.lasts_s for each in seen] == [60, 1, 120, 1, 60, 119]


@given(
    st.lists(st.floats(min_value=0.01, max_value=100), min_size=1, max_size=6),
    st.floats(min_value=0, max_value=1e7),
)
def test_a_profile_has_a_load_at_any_time(minutes: list[float], elapsed_s: float) -> None:
    profile = LoadProfile(tuple(LoadStep(each, threads=number) for number, each in enumerate(minutes, start=1)))

    load = profile.at(elapsed_s, REQUEST)

    assert 1 <= load.request.threads <= len(minutes)
    assert load.lasts_s > 0


def test_the_shipped_profiles_are_there() -> None:
    assert [each.name for each in profiles.load()] == ["light", "steady", "heavy", "day-and-night"]
    day = profiles.find("day-and-night")
    rates = [step.rate for step in day.steps]
    assert max(rates) >= 5 * min(rates)


def test_profiles_of_the_user_are_added_and_take_precedence(tmp_path: Path) -> None:
    profiles.own_file().parent.mkdir()
    profiles.own_file().write_text(
        "- {name: light, description: mine, steps: [{minutes: 1, threads: 1}]}\n"
        "- {name: storm, description: all at once, steps: [{minutes: 1, threads: 64}]}\n"
    )

    assert profiles.find("light").description == "mine"
    assert profiles.find("storm").steps == (LoadStep(1, 64),)
    assert len(profiles.load()) == 5


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no profile is called 'dark'; there are light, steady"):
        profiles.find("dark")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {name: a, description: b, steps: []}", "at least one step"),
        ("- {name: a, description: b, steps: [{minutes: 0, threads: 1}]}", "between 0.01"),
        ("- {name: a, description: b, steps: [{minutes: 1, threads: 0}]}", "threads"),
        ("- {name: a, description: b, steps: [{minutes: 1, threads: 1, rate: -1}]}", "rate"),
        ("- {name: a, description: b, steps: [{minutes: 1, thread: 1}]}", "unknown key"),
        ("- {name: a", "not valid YAML"),
        ("light", "list"),
    ],
)
def test_an_invalid_file_is_an_error(text: str, words: str) -> None:
    profiles.own_file().parent.mkdir()
    profiles.own_file().write_text(text)

    with pytest.raises(ConfigError, match=words):
        profiles.load()
