"""Models are renamed, deleted and exported whole, and the one in use is not lost by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.diagnosis.model import model_files
from distdiag_core.errors import ConfigError, DataError, RefusedError
from distdiag_core.models import model_editing, model_registry

if TYPE_CHECKING:
    from pathlib import Path


SHIPPED = (model_registry.DEFAULT, model_registry.HOST_ALONE, model_registry.MYSQL)


@pytest.fixture
def mine(own_places: Path) -> str:
    """The shipped model, as one of the user's."""
    shipped = model_files.load(model_registry.find(model_registry.DEFAULT))
    model_files.save(shipped, places.models_dir() / "mine")
    return "mine"


def test_the_one_in_use_stays_in_use_under_its_new_name(mine: str) -> None:
    model_registry.use(mine)

    model_editing.rename(mine, "better")

    assert model_registry.chosen() == "better"
    assert model_registry.load().name == "better"
    assert {each.name for each in model_registry.listed()} == {"better", *SHIPPED}


@pytest.mark.parametrize("new", ["", "../x", ".hidden", "a/b", "a b"])
def test_a_name_that_is_none_is_refused(mine: str, new: str) -> None:
    with pytest.raises(ConfigError, match="no name for a model"):
        model_editing.rename(mine, new)


def test_another_model_is_never_overwritten(mine: str) -> None:
    model_editing.export(mine, places.models_dir() / "elsewhere")
    model_files.save(model_registry.load(mine), places.models_dir() / "other")
    with pytest.raises(ConfigError, match="already"):
        model_editing.rename(mine, "other")
    with pytest.raises(DataError, match="exists already"):
        model_editing.export(mine, places.models_dir() / "elsewhere")


def test_the_one_in_use_is_not_deleted_without_saying_so(mine: str) -> None:
    model_registry.use(mine)
    with pytest.raises(RefusedError, match="in use"):
        model_editing.delete(mine)

    model_editing.delete(mine, force=True)

    assert model_registry.chosen() == model_registry.DEFAULT
    assert list(places.models_dir().iterdir()) == []


@pytest.mark.usefixtures("own_places")
def test_what_ships_is_neither_renamed_nor_deleted() -> None:
    with pytest.raises(RefusedError, match="ships"):
        model_editing.delete(model_registry.DEFAULT, force=True)
    with pytest.raises(RefusedError, match="ships"):
        model_editing.rename(model_registry.DEFAULT, "x")


def test_an_export_is_a_model(mine: str, tmp_path: Path) -> None:
    path = model_editing.export(mine, tmp_path / "out")
    assert model_files.load(path).anomalies == model_registry.load(mine).anomalies
    assert [entry.name for entry in path.parent.iterdir()] == [mine]


def test_a_damaged_model_is_listed_as_such_and_a_half_written_one_is_not(mine: str) -> None:
    (places.models_dir() / "mine" / "model.json").write_text("{")
    hidden = places.models_dir() / ".mine-abc"
    hidden.mkdir()
    (hidden / "model.json").write_text("{}")
    damage = {each.name: each.damage for each in model_registry.listed()}
    assert set(damage) == {mine, *SHIPPED}
    assert "is damaged: it is not JSON" in damage[mine]
    assert damage[model_registry.DEFAULT] == ""
