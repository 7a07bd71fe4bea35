"""Up, status and down of the lab, of the kind that this machine and this user allow."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import ConfigError, DistdiagError, RefusedError
from distdiag_core.lab import cluster_file, complete, engine, loopback, requirements
from distdiag_core.lab.lock import locked
from distdiag_core.lab.status import LabKind, LabStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from distdiag_core.lab.status import LabNode, Progress


async def up(nodes: int = 3, *, install: bool, progress: Progress, engine_name: str | None = None) -> LabStatus:
    """Bring the lab up with `nodes` nodes, or repair its broken ones.

    Args:
        nodes: the number of nodes, to which a running lab grows or shrinks.
        install: install missing packages with apt-get first.
        progress: called with each step.
        engine_name: the database on its nodes, one of `engine.ENGINES`; without it that of the running lab, else the
            first one.

    Raises:
        ConfigError: packages are missing, or the machine is too small.
        RefusedError: a lab of another directory, or with another engine, is on this machine.
        DistdiagError: a node does not come up; names the log.
    """
    if install:
        await requirements.install()
    async with _exclusive(progress):
        needs = await requirements.examine()
        requirements.check(needs.missing)
        kind = LabKind.LOOPBACK if needs.obstacles else LabKind.COMPLETE
        of = _engine(engine_name, kind, needs.obstacles)
        # Written first, so that `down` ends the right kind of a lab whose start was killed.
        _kind_file().write_text("\n".join((kind.value, *needs.obstacles)), encoding="utf-8")
        if kind is LabKind.LOOPBACK:
            return _loopback_status(await loopback.up(nodes, progress), needs.obstacles)
        engine.keep(of)
        return _complete_status(await complete.up(nodes, of, progress, with_lxcfs=requirements.has("lxcfs")))


async def status() -> LabStatus:
    """The status of the lab and of its nodes."""
    kind, obstacles = _kind()
    if kind is LabKind.LOOPBACK:
        return _loopback_status(await loopback.status(), obstacles)
    nodes = await complete.status()
    return _complete_status(nodes) if nodes else LabStatus(LabKind.ABSENT)


async def down(progress: Progress) -> None:
    """End the lab and remove it with its data."""
    async with _exclusive(progress):
        if _kind()[0] is LabKind.LOOPBACK:
            await loopback.down(progress)
        else:
            await complete.down(progress)


@asynccontextmanager
async def _exclusive(progress: Progress) -> AsyncIterator[None]:
    """Exclusive access to the lab; errors of its files are reported in words."""
    lab = places.lab_dir()
    try:
        async with locked(lab, progress):
            yield
    except OSError as error:
        raise DistdiagError(
            f"cannot be used: {error.strerror or error}",
            where=str(error.filename or lab),
            hint=f"the lab is kept in {lab}; $XDG_STATE_HOME moves it",
        ) from error


def _engine(name: str | None, kind: LabKind, obstacles: tuple[str, ...]) -> engine.Engine:
    """The engine that is asked for, if the lab can have it.

    Raises:
        ConfigError: it needs a complete lab, and that cannot be built here.
        RefusedError: the lab has another one.
    """
    before = engine.kept()
    if name not in (None, before.name) and _kind()[0] is not LabKind.ABSENT:
        raise RefusedError(f"its nodes have the engine {before.name}", where="the lab", hint="distdiag lab down")
    wanted = engine.ENGINES[name or before.name]
    if wanted.joins and kind is LabKind.LOOPBACK:
        raise ConfigError(f"the engine {wanted.name} needs nodes that look like hosts: {obstacles[0]}", where="the lab")
    return wanted


def _complete_status(nodes: tuple[LabNode, ...]) -> LabStatus:
    return LabStatus(LabKind.COMPLETE, nodes, requirements.losses(), _cluster_file())


def _loopback_status(nodes: tuple[LabNode, ...], obstacles: tuple[str, ...]) -> LabStatus:
    because = tuple(f"the lab is not complete: {obstacle}" for obstacle in obstacles)
    return LabStatus(LabKind.LOOPBACK, nodes, (*because, *loopback.LOSSES), _cluster_file())


def _kind() -> tuple[LabKind, tuple[str, ...]]:
    """The kind of the lab in its directory, and the obstacles to a complete one."""
    try:
        first, *obstacles = lines_of(_kind_file().read_text(encoding="utf-8"))
        return LabKind(first), tuple(obstacles)
    except (OSError, ValueError):
        return LabKind.ABSENT, ()


def _kind_file() -> Path:
    return places.lab_dir() / "kind"


def _cluster_file() -> Path | None:
    path = cluster_file.path()
    return path if path.is_file() else None
