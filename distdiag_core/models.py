"""Which models there are, and which one diagnoses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.snapshot import ModelStatus

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.diagnosis.model import Model

# The model that ships; it knows the lab.
DEFAULT = "lab"
_INDEX = "model.json"


def known() -> dict[str, Path]:
    """Every model by name: the user's own, and the ones that ship where the user has none of that name."""
    directories = (places.shipped_config() / "models", places.models_dir())
    return {
        index.parent.name: index.parent for directory in directories for index in sorted(directory.glob(f"*/{_INDEX}"))
    }


def find(name: str) -> Path:
    """The directory of the model called `name`.

    Raises:
        ConfigError: there is none; the ones that exist are listed.
    """
    models = known()
    if name in models:
        return models[name]
    names = ", ".join(models) or "none yet; `distdiag train` makes one"
    raise ConfigError(f"no model is called {name!r}", where=str(places.models_dir()), hint=f"known models: {names}")


def chosen() -> str:
    """The name of the model in use: the one of `use`, else the one that ships."""
    try:
        return _choice().read_text(encoding="utf-8").strip() or DEFAULT
    except FileNotFoundError:
        return DEFAULT
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot be read: {error}", where=str(_choice()), hint="choose again: `distdiag models use NAME`"
        ) from error


def use(name: str) -> None:
    """Diagnose with the model called `name` from now on.

    Raises:
        ConfigError: there is none.
    """
    find(name)
    _choice().parent.mkdir(parents=True, exist_ok=True)
    _choice().write_text(f"{name}\n", encoding="utf-8")


def load(name: str | None = None) -> Model:
    """The model called `name`, or the one in use.

    Raises:
        ConfigError: there is none.
        DataError: it is damaged.
    """
    from distdiag_core.diagnosis import model_directory

    return model_directory.load(find(name or chosen()))


def status(model: Model, metrics: tuple[str, ...]) -> ModelStatus:
    """What an operator should know of `model` on a cluster with these metrics."""
    ac1 = model.evaluation.get("ac", {}).get("1")
    return ModelStatus(model.name, model.anomalies, None if ac1 is None else float(ac1), model.fit(metrics).warning())


def _choice() -> Path:
    return places.config_dir() / "model"
