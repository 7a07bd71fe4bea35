"""Training job: from a directory of cases to a model in the registry, evaluated on request."""

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
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.training_backend import TrainingBackend
    from distdiag_core.models.model_registry import ModelFacts


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """Request of a training.

    Attributes:
        name: of the model.
        cases: a directory of cases; None for the dataset.
        test: a directory of cases to evaluate the model on; the evaluation is kept with it.
        out: the directory of the model; None for one of its name among the models.
        external_memory: read the cases one at a time and keep the windows on the disk.
        dask: the HOST:PORT of a Dask scheduler whose workers train the boosters; None for this process.
        metrics: names of those that cases are read with, for a cluster that has no others; None for all of them.
    """

    name: str
    cases: Path | None = None
    test: Path | None = None
    out: Path | None = None
    options: TrainOptions = field(default_factory=TrainOptions)
    external_memory: bool = False
    dask: str | None = None
    metrics: frozenset[str] | None = None

    def __post_init__(self) -> None:
        check_name(self.name)


async def train(request: TrainRequest, progress: Callable[[TrainProgress], None]) -> ModelFacts:
    """Train in a thread; `progress` is called on this loop. When cancelled it ends soon, and no model is written.

    Raises:
        ConfigError: there are no cases.
        DataError: the cases are malformed, or nothing can be trained on them.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def report(step: TrainProgress) -> None:
        if stop.is_set():
            raise _StoppedError
        loop.call_soon_threadsafe(progress, step)

    work = loop.run_in_executor(None, partial(train_synchronously, request, report))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        # No model must be written after the cancellation was reported.
        await asyncio.wait([work])
        # It ends with _StoppedError, which is expected; reading it keeps asyncio from logging it.
        work.exception()
        raise


def train_synchronously(request: TrainRequest, progress: Callable[[TrainProgress], None]) -> ModelFacts:
    """Train in this thread. `progress` is called before each step; an error that it raises ends the training.

    Raises:
        ConfigError: there are no cases.
        DataError: the cases are malformed, or nothing can be trained on them.
    """
    from distdiag_core.diagnosis.evaluation import evaluate
    from distdiag_core.diagnosis.model import model_files
    from distdiag_core.diagnosis.training import trainer

    progress(TrainProgress("reading the cases", "", 0, 1))
    with _backend(request) as (cases, backend):
        model = trainer.train(
            cases, request.name, request.options, backend=backend, progress=progress, made_with=made_with(request)
        )
    if request.test is not None:
        progress(TrainProgress("evaluating the model", "", 1, 1))
        # Baselines are trained in memory alone.
        beside = () if request.external_memory else cases
        test = read_cases(request.test, request.metrics)
        model = replace(model, evaluation=evaluate.evaluate(model, test, train=beside).as_dict())
    progress(TrainProgress("writing the model", "", 1, 1))
    path = request.out or places.models_dir() / request.name
    model_files.save(model, path)
    return model_registry.facts(path)


@contextmanager
def _backend(request: TrainRequest) -> Iterator[tuple[tuple[Case, ...], TrainingBackend]]:
    """Cases and backend of a training; the cases have no values where the backend reads them one at a time."""
    from distdiag_core.dataset.case_files import case_directory
    from distdiag_core.diagnosis.training.backends import dask, disk_rows
    from distdiag_core.diagnosis.training.backends.external_memory import ExternalMemoryBackend
    from distdiag_core.diagnosis.training.backends.memory import MemoryBackend

    with ExitStack() as ends:
        backend: TrainingBackend
        if request.external_memory:
            directory = ends.enter_context(disk_rows.scratch(places.cache_dir()))
            paths = {path.name: path for path in case_directory.found(_directory(request.cases))}
            outlines = (case_directory.outline(path) for path in paths.values())
            cases = tuple(case for case in outlines if not case.excluded)
            load = partial(_read, metrics=request.metrics)
            backend = ExternalMemoryBackend(directory, lambda case: load(paths[case.name]))
        else:
            cases, backend = read_cases(request.cases, request.metrics), MemoryBackend()
        if request.dask is not None:
            backend = ends.enter_context(dask.connect(request.dask, backend))
        yield cases, backend


def made_with(request: TrainRequest) -> dict[str, str]:
    """Versions of the program and its libraries, and a digest of the catalogues of metrics and anomalies."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"distdiag": __version__, "python": platform.python_version()}
    # Bins of external memory differ, so that the model is not the same to the byte.
    if request.external_memory:
        found["memory"] = "external"
    for package in ("numpy", "xgboost-cpu", "xgboost", *(["distributed"] if request.dask else [])):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    shipped = places.shipped_config()
    files = [shipped / "metrics.yaml", *sorted((shipped / "anomalies").rglob("*.yaml"))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return found | {"catalogues": f"sha256:{digest}"}


def read_cases(directory: Path | None, metrics: Collection[str] | None = None) -> tuple[Case, ...]:
    """The cases in `directory`, or in the dataset.

    Args:
        metrics: as in `TrainRequest`.

    Raises:
        ConfigError: there are none yet.
        DataError: one is malformed.
    """
    from distdiag_core.dataset.case_files import case_directory

    return tuple(_with(case, metrics) for case in case_directory.read_all(_directory(directory)))


def _read(path: Path, metrics: Collection[str] | None) -> Case:
    from distdiag_core.dataset.case_files import case_directory

    return _with(case_directory.read(path), metrics)


def _with(case: Case, metrics: Collection[str] | None) -> Case:
    return case if metrics is None else replace(case, window=case.window.with_metrics(metrics))


def _directory(directory: Path | None) -> Path:
    from distdiag_core.dataset.case_files import case_directory

    return case_directory.dataset(directory or places.cases_dir())


class _StoppedError(Exception):
    """The training was cancelled."""
