"""Models are renamed, deleted and exported whole, and the one in use is not lost by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core import model_keeping, models, places
from distdiag_core.diagnosis import model_directory
from distdiag_core.errors import ConfigError, DataError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mine(own_places: Path) -> str:
    """The shipped model, as one of the user's."""
    shipped = model_directory.load(models.find(models.DEFAULT))
    model_directory.save(shipped, places.models_dir() / "mine")
    return "mine"


def test_the_one_in_use_stays_in_use_under_its_new_name(mine: str) -> None:
    models.use(mine)

    model_keeping.rename(mine, "better")

    assert models.chosen() == "better"
    assert models.load().name == "better"
    assert {each.name for each in models.listed()} == {"better", models.DEFAULT}


@pytest.mark.parametrize("new", ["", "../x", ".hidden", "a/b", "a b"])
def test_a_name_that_is_none_is_refused(mine: str, new: str) -> None:
    with pytest.raises(ConfigError, match="no name for a model"):
        model_keeping.rename(mine, new)


def test_another_model_is_never_overwritten(mine: str) -> None:
    model_keeping.export(mine, places.models_dir() / "elsewhere")
    model_directory.save(models.load(mine), places.models_dir() / "other")
    with pytest.raises(ConfigError, match="already"):
        model_keeping.rename(mine, "other")
    with pytest.raises(DataError, match="exists already"):
        model_keeping.export(mine, places.models_dir() / "elsewhere")


def test_the_one_in_use_is_not_deleted_without_saying_so(mine: str) -> None:
    models.use(mine)
    with pytest.raises(RefusedError, match="in use"):
        model_keeping.delete(mine)

    model_keeping.delete(mine, even_in_use=True)

    assert models.chosen() == models.DEFAULT
    assert list(places.models_dir().iterdir()) == []


@pytest.mark.usefixtures("own_places")
def test_what_ships_is_neither_renamed_nor_deleted() -> None:
    with pytest.raises(RefusedError, match="ships"):
        model_keeping.delete(models.DEFAULT, even_in_use=True)
    with pytest.raises(RefusedError, match="ships"):
        model_keeping.rename(models.DEFAULT, "x")


def test_an_export_is_a_model(mine: str, tmp_path: Path) -> None:
    path = model_keeping.export(mine, tmp_path / "out")
    assert model_directory.load(path).anomalies == models.load(mine).anomalies
    assert [entry.name for entry in path.parent.iterdir()] == [mine]


def test_a_damaged_model_is_listed_as_such_and_a_half_written_one_is_not(mine: str) -> None:
    (places.models_dir() / "mine" / "model.json").write_text("{")
    hidden = places.models_dir() / ".mine-abc"
    hidden.mkdir()
    (hidden / "model.json").write_text("{}")
    damage = {each.name: each.damage for each in models.listed()}
    assert set(damage) == {mine, models.DEFAULT}
    assert "cannot be read" in damage[mine]
    assert damage[models.DEFAULT] == ""


def test_metrics_that_are_not_there_are_named_with_what_that_costs(mine: str) -> None:
    assert models.fit_warning(mine, models.load(mine).recipe.metrics) == ""
    warning = models.fit_warning(mine, models.load(mine).recipe.metrics[1:])
    assert warning.startswith("1 metrics of the model are missing here")
