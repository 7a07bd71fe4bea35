"""Which model is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.models import model_registry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mine(own_places: Path) -> str:
    """A model directory of the user's, as far as its name goes."""
    directory = places.models_dir() / "mine"
    directory.mkdir(parents=True)
    (directory / "model.json").write_text("{}", encoding="utf-8")
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
