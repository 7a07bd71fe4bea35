"""Which model is in use."""

from __future__ import annotations

import gc
import json
import shutil
import weakref
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distdiag_core import places
from distdiag_core.cluster import inventory
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.metrics.source import metrics_of
from distdiag_core.metrics.sources.prometheus import query_files
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


@pytest.mark.parametrize(
    ("cluster", "model"),
    [
        ("sources: [host, sysstat]", "lab"),
        ("sources: [host]", "host"),
        ("sources: [host, mysql_status]", "galera"),
        ("sources: [prometheus]\nprometheus: {url: 'http://127.0.0.1:9090'}", "host"),
        (
            "sources: [prometheus]\nprometheus: {url: 'http://127.0.0.1:9090', queries: [node_exporter, obagent]}",
            "lab",
        ),
        ("sources: [prometheus, sysstat]\nprometheus: {url: 'http://127.0.0.1:9090'}", "lab"),
    ],
)
def test_the_model_that_ships_fits_what_is_read_until_one_is_chosen(
    mine: str, tmp_path: Path, cluster: str, model: str
) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(f"name: shop\n{cluster}\nnodes: [{{name: n1, host: 127.0.0.1}}]\n", encoding="utf-8")
    settings = inventory.load(path)
    metrics = metrics_of(settings.sources, settings).names

    loaded, why = model_registry.load_for(settings)
    assert loaded is not None, why
    assert loaded.name == model
    assert [each.name for each in model_registry.listed(metrics) if each.in_use] == [model]

    model_registry.use(mine)
    assert model_registry.chosen(metrics) == mine
    model_registry.forget_choice()
    assert model_registry.chosen(metrics) == model


def test_the_model_of_hosts_lacks_nothing_where_node_exporter_is_read(own_places: Path) -> None:
    read = {metric.name for metric in query_files.metrics_of(("node_exporter",))}

    assert set(model_registry.load(model_registry.HOST_ALONE).features.metrics) <= read


def test_a_model_that_does_not_exist_cannot_be_chosen(mine: str) -> None:
    with pytest.raises(ConfigError, match=r"known models: .*mine"):
        model_registry.use("unheard-of")

    assert model_registry.chosen() == model_registry.DEFAULT


def test_a_model_is_loaded_once_while_it_is_held_and_anew_once_its_files_change(mine: str) -> None:
    held = model_registry.load(mine)
    assert model_registry.load(mine) is held

    index = places.models_dir() / mine / "model.json"
    index.write_text(f"{index.read_text(encoding='utf-8')}\n", encoding="utf-8")
    assert model_registry.load(mine) is not held

    gone = weakref.ref(held)
    del held
    gc.collect()
    assert gone() is None


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
