"""What the parameters of each node were when they were last read, and how they changed: a JSON file for each node.

The files outlast a run, so that a change is noticed that was made while nobody watched.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from distdiag_core import places
from distdiag_core.errors import DataError
from distdiag_core.operations import parameter_comparison
from distdiag_core.operations.parameter_comparison import ParameterChange
from distdiag_core.settings import json_document
from distdiag_core.settings.json_document import TimeS  # noqa: TC001 - read at run time

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.operations.node_parameters import NodeParameters

_KEPT = 200
# Often enough to say since when, and seldom enough to be no load on the disk.
_READ_AGAIN_S = 3600.0


@dataclass(frozen=True, slots=True)
class KnownChange:
    """A change as it is kept; see `ParameterChange`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    name: str
    before: str | None
    after: str | None
    read_s: TimeS
    noticed_s: TimeS


@dataclass(frozen=True, slots=True)
class KnownParameters:
    """What is known of a node.

    Attributes:
        source: how they were read.
        read_s: seconds since the epoch, of the wall clock; up to an hour before the last reading.
        changes: the newest first.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    source: str
    read_s: TimeS
    values: dict[str, str]
    changes: tuple[KnownChange, ...] = field(default=())


def path(cluster: str, node: str) -> Path:
    """The file of a node."""
    return places.parameters_dir() / quote(cluster, safe="") / f"{quote(node, safe='')}.json"


def load(cluster: str, node: str) -> KnownParameters | None:
    """What is known of a node; None where it was never read.

    Raises:
        DataError: the file cannot be read, or is damaged.
    """
    file = path(cluster, node)
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(file)) from error
    return json_document.parse(content, KnownParameters, where=str(file), hint="delete it; it is written anew")


def enter(
    cluster: str, found: NodeParameters, now_s: float, before: KnownParameters | None = None
) -> tuple[ParameterChange, ...]:
    """Keep what was read of a node now; what has changed since it was last read.

    Args:
        before: what this process itself read last; None for what any has kept.

    Raises:
        DataError: the file cannot be read or written, or is damaged.
    """
    kept = load(cluster, found.node)
    before = before or kept
    changed: tuple[ParameterChange, ...] = ()
    if before is not None and before.source == found.source:
        changed = parameter_comparison.changes(found.node, before.values, found.values, before.read_s, now_s)
    # Another console of this machine may have noticed it before.
    known = kept.values if kept is not None else {}
    new = [each for each in changed if known.get(each.name) != each.after]
    if kept is None or kept.values != found.values or now_s - kept.read_s >= _READ_AGAIN_S:
        entries = tuple(KnownChange(each.name, each.before, each.after, each.read_s, each.noticed_s) for each in new)
        older = kept.changes if kept is not None else ()
        _write(cluster, found.node, KnownParameters(found.source, now_s, found.values, (*entries, *older)[:_KEPT]))
    return changed


def changes(cluster: str, node: str) -> tuple[ParameterChange, ...]:
    """The changes of a node that are kept, the newest first.

    Raises:
        DataError: the file cannot be read, or is damaged.
    """
    known = load(cluster, node)
    kept = known.changes if known is not None else ()
    return tuple(ParameterChange(node, *asdict(each).values()) for each in kept)


def _write(cluster: str, node: str, known: KnownParameters) -> None:
    file = path(cluster, node)
    unfinished = file.with_suffix(f".new{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(asdict(known), allow_nan=False), encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise DataError(f"the parameters cannot be kept: {error.strerror}", where=str(file)) from error
