"""The experiments that were run on this machine, a JSON file each."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import ConfigError, DataError, quoted
from distdiag_core.experiments.experiment import ExperimentResult
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from pathlib import Path


def free_name(wanted: str) -> str:
    """`wanted`, or with a number behind it where there is an experiment of that name."""
    if not path(wanted).exists():
        return wanted
    number = 2
    while path(f"{wanted}-{number}").exists():
        number += 1
    return f"{wanted}-{number}"


def path(name: str) -> Path:
    """The file of an experiment."""
    return places.experiments_dir() / f"{name}.json"


def write(result: ExperimentResult) -> Path:
    """Keep a result.

    Raises:
        DataError: it cannot be written.
    """
    file = path(result.name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".new{os.getpid()}")
        unfinished.write_text(json.dumps(asdict(result), allow_nan=False, indent=1), encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise DataError(f"the experiment cannot be kept: {error.strerror}", where=str(file)) from error
    return file


def read(name: str) -> ExperimentResult:
    """The experiment of this name.

    Raises:
        ConfigError: there is none.
        DataError: its file is damaged.
    """
    try:
        return json_document.parse(path(name).read_bytes(), ExperimentResult, where=str(path(name)))
    except FileNotFoundError:
        known = ", ".join(sorted(file.stem for file in places.experiments_dir().glob("*.json"))) or "none yet"
        raise ConfigError(f"no experiment is called {quoted(name)}", hint=f"there are: {known}") from None


def read_all() -> tuple[ExperimentResult, ...]:
    """All experiments, the newest first.

    Raises:
        DataError: a file is damaged.
    """
    found = [read(file.stem) for file in places.experiments_dir().glob("*.json")]
    return tuple(sorted(found, key=lambda result: result.began_s, reverse=True))
