"""Registry of models: the ones that ship and those of the user, and the one in use."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from distdiag_core import places
from distdiag_core.errors import ConfigError, DataError, quoted
from distdiag_core.metrics import connection
from distdiag_core.metrics.source import WORKLOAD, metrics_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.diagnosis.model.model import Model

    FileStates = tuple[tuple[str, int, int], ...]
    """Name, time of writing in nanoseconds and size in bytes of each file of a model."""

# The models that ship, trained on the lab: with the metrics of OceanBase, with those of the operating system alone that
# node_exporter has, and with those of MariaDB on nodes that replicate.
DEFAULT, HOST_ALONE, MYSQL = "lab", "host", "galera"
_HOSTS, _MYSQL_STATUS = {"host"}, "mysql_status"
# Sources that every cluster may have beside others.
_BESIDE = {WORKLOAD, connection.SOURCE, "prometheus"}
_INDEX = "model.json"
# A console that looks into the past diagnoses twice with one model: it is loaded once as long as anybody holds it.
_held: WeakValueDictionary[tuple[Path, FileStates], Model] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts about a model, as listed.

    Attributes:
        in_use: whether the diagnosis uses it.
        ships: it comes with distdiag, and can be neither renamed nor deleted.
        ac1, macro_f1: of the model's evaluation; None where it was never evaluated.
        cases, windows: how many it was trained on.
        created: time of writing; None for a model that ships, whose files have the time of the installation.
        lacks: how many of its metrics are not read; 0 where that is not known.
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
    created: datetime | None
    lacks: int = 0
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


def listed(metrics: Collection[str] | None = None) -> tuple[ModelFacts, ...]:
    """All models: those of the user by name, then those that ship, the fewer metrics they lack the earlier.

    Args:
        metrics: as in `chosen`.
    """
    found = (facts(path, metrics) for path in directories().values())
    return tuple(sorted(found, key=lambda each: (each.ships, each.lacks, each.name)))


def facts(path: Path, metrics: Collection[str] | None = None) -> ModelFacts:
    """Facts about the model in the directory `path`, from its index, without loading its classifiers.

    Args:
        metrics: as in `chosen`.
    """
    from distdiag_core.diagnosis.model import model_files

    try:
        index, damage = model_files.read_index(path), ""
    except DataError as error:
        index, damage = None, error.what
    evaluation = index.evaluation if index else {}
    return ModelFacts(
        path.name,
        path,
        path == directories().get(chosen(metrics)),
        path.parent == _shipped(),
        _number(_part(evaluation, "ac").get("1")),
        _number(evaluation.get("macro_f1")),
        len(index.training.cases) if index else 0,
        index.training.windows if index else 0,
        tuple(each.name for each in index.anomalies) if index else (),
        None if path.parent == _shipped() else _written(path),
        len({*index.features.metrics}.difference(metrics)) if index and metrics is not None else 0,
        damage,
    )


def directories() -> dict[str, Path]:
    """Directories of all models by name; a model of the user hides one that ships under the same name."""
    directories = (_shipped(), places.models_dir())
    found = (index.parent for directory in directories for index in sorted(directory.glob(f"*/{_INDEX}")))
    # Hidden directories are models that are being written, or whose writing was interrupted.
    return {path.name: path for path in found if not path.name.startswith(".")}


def find(name: str) -> Path:
    """Directory of the model called `name`.

    Raises:
        ConfigError: there is none; the error lists the ones that exist.
    """
    models = directories()
    if name in models:
        return models[name]
    names = ", ".join(models) or "none yet; `distdiag train` makes one"
    raise ConfigError(
        f"no model is called {quoted(name)}", where=str(places.models_dir()), hint=f"known models: {names}"
    )


def chosen(metrics: Collection[str] | None = None) -> str:
    """Name of the model in use: the one set by `use`, else the one that ships for a cluster with these metrics.

    Args:
        metrics: names of what is read of the cluster; None where none is known.

    Raises:
        ConfigError: the setting cannot be read.
    """
    try:
        return _choice().read_text(encoding="utf-8").strip() or shipped_for(metrics)
    except FileNotFoundError:
        return shipped_for(metrics)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot be read: {error}", where=str(_choice()), hint="choose again: `distdiag models use NAME`"
        ) from error


def shipped_for(metrics: Collection[str] | None) -> str:
    """Name of the model that ships for a cluster with these metrics.

    Where only hosts are read, it is the one of hosts; where MySQL or MariaDB is, the one of Galera.
    """
    sources = {name.partition(".")[0] for name in metrics or ()}
    if _MYSQL_STATUS in sources:
        return MYSQL
    return HOST_ALONE if sources - _BESIDE == _HOSTS else DEFAULT


def use(name: str) -> Model:
    """Make the model called `name` the one in use, and return it.

    Raises:
        ConfigError: there is none.
        DataError: it is damaged, or the choice cannot be written.
    """
    model = load(name)
    keep(name)
    return model


def keep(name: str) -> None:
    """Write down that `name` is in use, whether it can be or not."""
    _choice().parent.mkdir(parents=True, exist_ok=True)
    _choice().write_text(f"{name}\n", encoding="utf-8")


def forget_choice() -> None:
    """Use from now on the model that ships for the cluster at hand."""
    _choice().unlink(missing_ok=True)


def load(name: str | None = None, metrics: Collection[str] | None = None) -> Model:
    """The model called `name`, or the one in use; the same object for all who hold it while its files are as they were.

    Args:
        metrics: as in `chosen`.

    Raises:
        ConfigError: there is none.
        DataError: it is damaged.
    """
    from distdiag_core.diagnosis.model import model_files

    path = find(name or chosen(metrics))
    key = path, file_states(path)
    model = _held.get(key)
    if model is None:
        model = _held[key] = replace(model_files.load(path), name=path.name)
    return model


def file_states(path: Path) -> FileStates:
    """What changes when a model is written anew; empty where its directory cannot be read."""
    try:
        states = [(file.name, file.stat()) for file in sorted(path.iterdir())]
    except OSError:
        return ()
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def load_for(cluster: ClusterSettings) -> tuple[Model | None, str]:
    """The model in use on a cluster; without one that can be loaded, None and the reason."""
    return load_if_usable(metrics_of(cluster.sources, cluster).names)


def load_if_usable(metrics: Collection[str]) -> tuple[Model | None, str]:
    """The model in use where these metrics are read; without one that can be loaded, None and the reason."""
    try:
        return load(metrics=metrics), ""
    except (ConfigError, DataError) as error:
        return None, f"no model, so that anomalies are found and not named: {error}"


def status(model: Model, metrics: tuple[str, ...]) -> ModelStatus:
    """Status of a model on a cluster with these metrics."""
    path = directories().get(model.name)
    own = path is not None and path.parent != _shipped()
    return ModelStatus(
        model.name,
        model.anomalies,
        _number(_part(dict(model.evaluation), "ac").get("1")),
        model.missing_metrics(metrics).warning(),
        (path / _INDEX).stat().st_mtime if path and own else None,
    )


def _written(path: Path) -> datetime:
    """When the index of a model was written; the beginning of time where that has no date, or the model has gone."""
    try:
        return datetime.fromtimestamp((path / _INDEX).stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def _part(index: dict[str, Any], key: str) -> dict[str, Any]:
    part = index.get(key)
    return part if isinstance(part, dict) else {}


def _number(value: object) -> float | None:
    """None also for what no file of ours says, such as Infinity, or an integer that no float holds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _shipped() -> Path:
    return places.shipped_config() / "models"


def _choice() -> Path:
    return places.config_dir() / "model"
