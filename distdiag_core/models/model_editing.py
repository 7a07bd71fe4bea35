"""Editing of the models on disk: rename, delete, export."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from distdiag_core import places
from distdiag_core.errors import ConfigError, DataError, RefusedError, quoted
from distdiag_core.models import model_registry

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def check_name(name: str) -> None:
    """Check that a name can be that of a model directory.

    Raises:
        ConfigError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{quoted(name)} is no name for a model", hint="use letters, digits, - and _")


def rename(name: str, new: str) -> Path:
    """Rename a model, and return its new directory; the model in use stays in use.

    Raises:
        ConfigError: there is no model of that name, or one of the new name.
        RefusedError: the model ships with distdiag.
    """
    check_name(new)
    path = _user_path(name, "renamed")
    target = places.models_dir() / new
    if target.exists():
        raise ConfigError(f"there is a model called {quoted(new)} already", where=str(target), hint="delete it first")
    in_use = model_registry.chosen() == name
    try:
        path.rename(target)
    except OSError as error:
        raise DataError(f"cannot be renamed: {error.strerror or error}", where=str(path)) from error
    if in_use:
        model_registry.keep(new)
    return target


def delete(name: str, *, force: bool = False) -> None:
    """Delete a model; where it was in use, one that ships is in use from the next start on.

    Args:
        force: delete it even where it is in use.

    Raises:
        ConfigError: there is no such model.
        RefusedError: the model ships with distdiag, or is in use.
    """
    path = _user_path(name, "deleted")
    if model_registry.chosen() == name:
        if not force:
            raise RefusedError(f"{name} is in use", where=str(path), hint="use another one first, or say --force")
        model_registry.forget_choice()
    try:
        # Renamed before it is removed: half a model must not be listed.
        aside = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=path.parent))
        path.rename(aside / name)
        shutil.rmtree(aside)
    except OSError as error:
        raise DataError(f"cannot be deleted: {error.strerror or error}", where=str(path)) from error


def export(name: str, directory: Path) -> Path:
    """Copy a model into `directory` as a directory of its name, completely or not at all, and return the copy.

    Raises:
        ConfigError: there is no such model.
        DataError: there is something of that name already, or the files cannot be written.
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


def _user_path(name: str, what: str) -> Path:
    path = model_registry.find(name)
    if path.parent != places.models_dir():
        raise RefusedError(
            f"{name} ships with distdiag and is not {what}", where=str(path), hint="`distdiag models export` copies it"
        )
    return path
