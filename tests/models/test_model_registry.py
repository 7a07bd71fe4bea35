"""Which model is in use."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distdiag_core import places
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.models import model_registry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mine(own_places: Path) -> str:
    """A model of the user's."""
    shutil.copytree(places.shipped_config() / "models" / "lab", places.models_dir() / "mine")
    return "mine"


def test_the_shipped_model_is_used_until_another_is_chosen(mine: str) -> None:
    assert model_registry.chosen() == model_registry.DEFAULT

    model_registry.use(mine)

    assert model_registry.chosen() == mine
    assert model_registry.find(mine) == places.models_dir() / mine


def test_a_model_that_does_not_exist_cannot_be_chosen(mine: str) -> None:
    with pytest.raises(ConfigError, match=r"known models: .*mine"):
        model_registry.use("unheard-of")

    assert model_registry.chosen() == model_registry.DEFAULT


def test_a_damaged_model_cannot_be_chosen(mine: str) -> None:
    (places.models_dir() / mine / "model.json").write_text('{"version": 2}', encoding="utf-8")

    with pytest.raises(DataError, match=r"mine/model\.json: is damaged: "):
        model_registry.use(mine)

    assert model_registry.chosen() == model_registry.DEFAULT


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PART = st.dictionaries(st.sampled_from(["cases", "windows", "ac", "macro_f1", "1"]), _JSON, max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    index=st.fixed_dictionaries(
        {}, optional={"anomalies": _JSON, "training": _JSON | _PART, "evaluation": _JSON | _PART}
    )
)
def test_whatever_an_index_holds_the_list_of_models_is_shown(own_places: Path, index: dict[str, object]) -> None:
    path = places.models_dir() / "odd" / "model.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(index), encoding="utf-8")

    (facts,) = [each for each in model_registry.listed() if each.name == "odd"]

    assert bool(facts.anomalies) != bool(facts.damage)
    with pytest.raises(DataError):
        model_registry.load("odd")
