"""What a console keeps for the next one in the state directory: each a small file of JSON."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from distdiag_core import places
from distdiag_core.errors import DataError
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")
log = logging.getLogger(__name__)


def file_of(name: str) -> Path:
    """Where something of this name is kept."""
    return places.state_dir() / f"{name}.json"


def load(name: str, kind: type[T], default: T) -> T:
    """What was kept; the default where there is nothing, or nothing that can be read."""
    path = file_of(name)
    try:
        return json_document.parse(path.read_bytes(), kind, where=str(path))
    except FileNotFoundError:
        return default
    except (OSError, DataError) as error:
        log.warning("what was kept is passed over: %s", error)
        return default


def save(name: str, value: Any) -> None:  # noqa: ANN401 - any dataclass
    """Keep a dataclass; the file is written completely or not at all.

    Raises:
        OSError: it cannot be written.
    """
    path = file_of(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(value)), encoding="utf-8")
    unfinished.replace(path)
