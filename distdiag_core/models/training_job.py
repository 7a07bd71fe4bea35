"""The acts on training: from a directory of cases to a model among the models, judged if wanted."""

from __future__ import annotations

import asyncio
import hashlib
import platform
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from distdiag_core import __version__, places
from distdiag_core.diagnosis.training.training_options import TrainOptions, TrainProgress
from distdiag_core.models import model_registry
from distdiag_core.models.model_editing import check_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.backend import Means
    from distdiag_core.models.model_registry import ModelFacts


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What is to be trained on what.

    Attributes:
        cases: a directory of cases; None for the dataset.
        test: a directory of cases that the model is judged on, the judgement being kept with it.
        out: where it is written; None for a place among the models.
        external_memory: read the cases one at a time and keep the windows on the disk.
        on: the HOST:PORT of a Dask scheduler whose workers learn; None for this process.
    """

    name: str
    cases: Path | None = None
    test: Path | None = None
    out: Path | None = None
    options: TrainOptions = field(default_factory=TrainOptions)
    external_memory: bool = False
    on: str | None = None

    def __post_init__(self) -> None:
        check_name(self.name)


async def train(request: TrainRequest, progress: Callable[[TrainProgress], None]) -> ModelFacts:
    """Train in a thread; `progress` is called on this loop. When cancelled it ends soon, and no model is written.

    Raises:
        DataError: the cases are malformed, or teach nothing.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def tell(step: TrainProgress) -> None:
        if stop.is_set():
            raise _StoppedError
        loop.call_soon_threadsafe(progress, step)

    work = loop.run_in_executor(None, partial(train_here, request, tell))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        # Nobody must read a model that is written after its training was called off.
        await asyncio.wait([work])
        # It ends with an error of its own, which is no mistake to be told.
        work.exception()
        raise


def train_here(request: TrainRequest, progress: Callable[[TrainProgress], None]) -> ModelFacts:
    """Train in this thread. `progress` is called before each step; what it raises ends the training.

    Raises:
        DataError: the cases are malformed, or teach nothing.
    """
    from distdiag_core.diagnosis.evaluation import evaluate
    from distdiag_core.diagnosis.model import model_files
    from distdiag_core.diagnosis.training import trainer

    progress(TrainProgress("reading the cases", "", 0, 1))
    with _means(request) as (taught, means):
        model = trainer.train(
            taught, request.name, request.options, means=means, progress=progress, made_with=made_with(request)
        )
    if request.test is not None:
        progress(TrainProgress("judging the model", "", 1, 1))
        # The baselines learn in memory or not at all.
        beside = () if request.external_memory else taught
        model = replace(model, evaluation=evaluate.evaluate(model, read_cases(request.test), train=beside).as_dict())
    progress(TrainProgress("writing the model", "", 1, 1))
    path = request.out or places.models_dir() / request.name
    model_files.save(model, path)
    return model_registry.facts(path)


@contextmanager
def _means(request: TrainRequest) -> Iterator[tuple[tuple[Case, ...], Means]]:
    """The cases, without figures where these are read one at a time, and what to learn from them with."""
    from distdiag_core.dataset.case_files import case_directory
    from distdiag_core.diagnosis.training.backends import dask, disk_rows, external_memory
    from distdiag_core.diagnosis.training.backends.backend import Means

    with ExitStack() as ends:
        if request.external_memory:
            directory = ends.enter_context(disk_rows.scratch(places.cache_dir()))
            paths = {path.name: path for path in case_directory.found(_directory(request.cases))}
            outlines = (case_directory.outline(path) for path in paths.values())
            taught = tuple(case for case in outlines if not case.excluded)
            means = external_memory.means(directory, lambda case: case_directory.read(paths[case.name]))
        else:
            taught, means = read_cases(request.cases), Means()
        if request.on is not None:
            means = replace(means, teach=ends.enter_context(dask.connected(request.on)))
        yield taught, means


def made_with(request: TrainRequest) -> dict[str, str]:
    """The versions of what makes a model, and a digest of the catalogues that cases are labelled and measured by."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"distdiag": __version__, "python": platform.python_version()}
    # These split the rows otherwise, so that the model is not the same to the byte.
    if request.external_memory:
        found["memory"] = "external"
    for package in ("numpy", "xgboost-cpu", "xgboost", *(["distributed"] if request.on else [])):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    shipped = places.shipped_config()
    files = [shipped / "metrics.yaml", *sorted((shipped / "anomalies").rglob("*.yaml"))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return found | {"catalogues": f"sha256:{digest}"}


def read_cases(directory: Path | None) -> tuple[Case, ...]:
    """The cases in `directory`, or in the dataset.

    Raises:
        ConfigError: there are none yet.
        DataError: one is malformed.
    """
    from distdiag_core.dataset.case_files import case_directory

    return case_directory.read_all(_directory(directory))


def _directory(directory: Path | None) -> Path:
    from distdiag_core.dataset.case_files import case_directory

    return case_directory.dataset(directory or places.cases_dir())


class _StoppedError(Exception):
    """The training was called off."""
