"""The acts on models that are there: rename, delete, export."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from distdiag_core import places
from distdiag_core.errors import ConfigError, DataError, RefusedError
from distdiag_core.models import model_registry

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def check_name(name: str) -> None:
    """Hold a name against what a directory may be called.

    Raises:
        ConfigError: it is none for a model.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name for a model", hint="use letters, digits, - and _")


def rename(name: str, new: str) -> Path:
    """Call a model otherwise; the one in use stays in use.

    Raises:
        ConfigError: there is none of that name, or one of the new name.
        RefusedError: it ships with distdiag.
    """
    check_name(new)
    path = _own(name, "renamed")
    target = places.models_dir() / new
    if target.exists():
        raise ConfigError(f"there is a model called {new!r} already", where=str(target), hint="delete it first")
    in_use = model_registry.chosen() == name
    try:
        path.rename(target)
    except OSError as error:
        raise DataError(f"cannot be renamed: {error.strerror or error}", where=str(path)) from error
    if in_use:
        model_registry.use(new)
    return target


def delete(name: str, *, even_in_use: bool = False) -> None:
    """Remove a model for good; where it was in use, the one that ships diagnoses from the next start on.

    Raises:
        ConfigError: there is none.
        RefusedError: it ships with distdiag, or is in use and that was not said.
    """
    path = _own(name, "deleted")
    if model_registry.chosen() == name:
        if not even_in_use:
            raise RefusedError(f"{name} is in use", where=str(path), hint="use another one first, or say --even-in-use")
        model_registry.use(model_registry.DEFAULT)
    try:
        # Out of sight first: half of a model must not be taken for one.
        grave = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=path.parent))
        path.rename(grave / name)
        shutil.rmtree(grave)
    except OSError as error:
        raise DataError(f"cannot be deleted: {error.strerror or error}", where=str(path)) from error


def export(name: str, directory: Path) -> Path:
    """Copy a model into `directory`, whole or not at all, as a directory of its name.

    Raises:
        ConfigError: there is none.
        DataError: there is something of that name already, or the disk refused.
    """
    path, target = model_registry.find(name), directory / name
    if target.exists():
        raise DataError("exists already", where=str(target), hint="export it to another place")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=directory) as scratch:
            shutil.copytree(path, Path(scratch) / name)
            (Path(scratch) / name).rename(target)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(target)) from error
    return target


def _own(name: str, what: str) -> Path:
    path = model_registry.find(name)
    if path.parent != places.models_dir():
        raise RefusedError(
            f"{name} ships with distdiag and is not {what}", where=str(path), hint="`distdiag models export` copies it"
        )
    return path
