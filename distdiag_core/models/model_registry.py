"""Which models there are, and which one diagnoses."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from distdiag_core import places
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.diagnosis.model.model import Model

# The model that ships; it knows the lab.
DEFAULT = "lab"
_INDEX = "model.json"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a list says of a model.

    Attributes:
        in_use: whether it is the one that diagnoses.
        ships: it came with distdiag, and is neither renamed nor deleted.
        ac1, macro_f1: of its own evaluation; None where it was never evaluated.
        cases: how many it was trained on.
        created: when it was written.
        damage: why it cannot be used; empty where it can.
    """

    name: str
    path: Path
    in_use: bool
    ships: bool
    ac1: float | None
    macro_f1: float | None
    cases: int
    windows: int
    anomalies: tuple[str, ...]
    created: datetime
    damage: str = ""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """Status of the model in use on a cluster.

    Attributes:
        ac1: AC@1 in the model's own evaluation; None where it was never evaluated.
        warning: what does not fit this cluster, for instance missing metrics; empty where all fits.
        made_s: time of training, seconds since the epoch; None for a model that ships.
    """

    name: str
    anomalies: tuple[str, ...]
    ac1: float | None = None
    warning: str = ""
    made_s: float | None = None


def listed() -> tuple[ModelFacts, ...]:
    """Every model, by name."""
    return tuple(facts(path) for _, path in sorted(known().items()))


def facts(path: Path) -> ModelFacts:
    """What the index of the model in the directory `path` says, without loading its classifiers."""
    index, damage = _index(path)
    training, evaluation = _part(index, "training"), _part(index, "evaluation")
    return ModelFacts(
        path.name,
        path,
        path == known().get(chosen()),
        path.parent == _shipped(),
        _number(_part(evaluation, "ac").get("1")),
        _number(evaluation.get("macro_f1")),
        len(training.get("cases") or ()),
        int(_number(training.get("windows")) or 0),
        tuple(str(each) for each in index.get("anomalies") or ()),
        datetime.fromtimestamp((path / _INDEX).stat().st_mtime, UTC),
        damage,
    )


def known() -> dict[str, Path]:
    """Every model by name: the user's own, and the ones that ship where the user has none of that name."""
    directories = (_shipped(), places.models_dir())
    found = (index.parent for directory in directories for index in sorted(directory.glob(f"*/{_INDEX}")))
    # Hidden directories are models that somebody is writing at this moment, or never wrote to their end.
    return {path.name: path for path in found if not path.name.startswith(".")}


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
    from distdiag_core.diagnosis.model import model_files

    path = find(name or chosen())
    return replace(model_files.load(path), name=path.name)


def fit_warning(name: str, metrics: tuple[str, ...]) -> str:
    """Which of its metrics the model called `name` lacks on a cluster with these, and what that costs; empty if none.

    Raises:
        ConfigError: there is none.
        DataError: it is damaged.
    """
    return load(name).fit(metrics).warning()


def status(model: Model, metrics: tuple[str, ...]) -> ModelStatus:
    """What an operator should know of `model` on a cluster with these metrics."""
    ac1 = model.evaluation.get("ac", {}).get("1")
    path = known().get(model.name)
    own = path is not None and path.parent != _shipped()
    return ModelStatus(
        model.name,
        model.anomalies,
        None if ac1 is None else float(ac1),
        model.fit(metrics).warning(),
        (path / _INDEX).stat().st_mtime if path and own else None,
    )


def _index(path: Path) -> tuple[dict[str, Any], str]:
    """What `model.json` holds, and why not where it cannot be read."""
    try:
        index = json.loads((path / _INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return {}, f"cannot be read: {error}"
    return (index, "") if isinstance(index, dict) and index.get("anomalies") else ({}, "is damaged")


def _part(index: dict[str, Any], key: str) -> dict[str, Any]:
    part = index.get(key)
    return part if isinstance(part, dict) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _shipped() -> Path:
    return places.shipped_config() / "models"


def _choice() -> Path:
    return places.config_dir() / "model"
