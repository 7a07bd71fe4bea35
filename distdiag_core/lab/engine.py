"""The interface of an engine, the database on the nodes of the complete lab; the engine that the lab has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from distdiag_core import places
from distdiag_core.lab.galera import Galera
from distdiag_core.lab.oceanbase import OceanBase

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.lab.plan import NodePlan
    from distdiag_core.lab.status import Progress


class Engine(Protocol):
    """The database of a node; a shell file of its name in `node/` installs it there.

    Attributes:
        name: for `lab up --engine`.
        sources: of metrics, for the cluster file.
        joins: whether the databases form one cluster, which one of them has to begin.
    """

    name: str
    sources: tuple[str, ...]
    joins: bool

    async def prepare(self, progress: Progress) -> None:
        """Check the programs, and make what nodes take from the machine.

        Raises:
            DistdiagError: something is missing.
        """

    def environment(self, node: NodePlan) -> dict[str, str]:
        """The variables that the shell file needs on a node."""


ENGINES: dict[str, Engine] = {each.name: each for each in (OceanBase(), Galera())}


def kept() -> Engine:
    """The engine that the lab was brought up with; the first one where there is no lab."""
    try:
        name = _file().read_text(encoding="utf-8")
    except OSError:
        name = ""
    return ENGINES.get(name, ENGINES[OceanBase.name])


def keep(engine: Engine) -> None:
    """Note the engine, for later calls."""
    _file().write_text(engine.name, encoding="utf-8")


def _file() -> Path:
    return places.lab_dir() / "engine"
