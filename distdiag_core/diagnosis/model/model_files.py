"""Model directories: the boosters in one UBJSON file, and `model.json`. No pickle, so that loading runs no code."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Le

from distdiag_core.diagnosis.model import merged_booster
from distdiag_core.diagnosis.model.model_index import ModelIndex
from distdiag_core.errors import DataError
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model

# Version 3 has a second stage, which a program of version 2 would leave out in silence.
_VERSION, _READ_VERSIONS = 3, (2, 3)
_INDEX, _BOOSTERS = "model.json", "boosters.ubj"
_REMEDY = "train the model again"


@dataclass(frozen=True, slots=True)
class _Version:
    version: Annotated[int, Ge(0), Le(1_000_000)]


def save(model: Model, path: Path) -> None:
    """Write a model to the directory `path`, completely or not at all, in place of any model that is there.

    Raises:
        DataError: the files cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            _write(model, scratch)
            scratch.chmod(0o755)
            _put_in_place(scratch, path)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def _put_in_place(scratch: Path, path: Path) -> None:
    """Swap directories, so that a reader of `path` finds a complete model, or for a moment none."""
    if not path.exists():
        scratch.rename(path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    path.rename(aside / path.name)
    scratch.rename(path)
    shutil.rmtree(aside)


def load(path: Path) -> Model:
    """Read the model in the directory `path`.

    Raises:
        DataError: it is no model, was written by another version, or is damaged.
    """
    index = read_index(path)
    model = index.model(_booster(path / _BOOSTERS, index))
    # A diagnosis needs the gains, which take longer to find than a tick may.
    _ = model.gain_by_anomaly
    return model


def read_index(path: Path) -> ModelIndex:
    """The index of the model in the directory `path`, without its classifiers.

    Raises:
        DataError: it is no model, was written by another version, or is damaged.
    """
    where = str(path / _INDEX)
    data = json_document.plain(_read(path / _INDEX), where=where, hint=_REMEDY)
    version = json_document.checked(data, _Version, where=where, hint=_REMEDY).version
    if version not in _READ_VERSIONS:
        known = " and ".join(map(str, _READ_VERSIONS))
        raise DataError(f"is of version {version}, this program reads versions {known}", where=where, hint=_REMEDY)
    return json_document.checked(data, ModelIndex, where=where, hint=_REMEDY)


def _booster(path: Path, index: ModelIndex) -> Any:  # noqa: ANN401 - xgboost is imported where it is used
    import xgboost

    content = _read(path)
    # XGBoost ends the whole process where a file was cut short.
    if _digest(content) != index.digest:
        raise DataError("is damaged, and no XGBoost model any more", where=str(path), hint=_REMEDY)
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content))
    except (xgboost.core.XGBoostError, ValueError, TypeError) as error:
        raise DataError("is no XGBoost model", where=str(path), hint=_REMEDY) from error
    # A loaded model brings its own number of threads along, and more than one cost more than they gain.
    booster.set_param({"nthread": 1})
    found, wanted = (booster.num_features(), merged_booster.outputs(booster)), index.booster_shape
    if found != wanted:
        raise DataError(
            f"has {found[0]} columns and {found[1]} outputs, where {_INDEX} wants {wanted[0]} and {wanted[1]}",
            where=str(path),
            hint=_REMEDY,
        )
    return booster


def _digest(content: bytes | bytearray) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(path), hint="is this a model?") from error


def _write(model: Model, path: Path) -> None:
    content = model.classifiers.booster.save_raw("ubj")
    _write_durably(path / _BOOSTERS, content)
    index = ModelIndex.of(model, _VERSION, _digest(content))
    _write_durably(path / _INDEX, json.dumps(asdict(index), indent=1, allow_nan=False).encode())


def _write_durably(path: Path, data: bytes | bytearray) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
