"""In memory, with external memory and on Dask: the same cases teach the same."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core import places
from distdiag_core.dataset.case_files import case_directory as recorded
from distdiag_core.diagnosis.evaluation.replay import replay
from distdiag_core.diagnosis.training.training_options import TrainOptions
from distdiag_core.errors import ConfigError, UnreachableError
from distdiag_core.models import model_registry, training_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.training_options import TrainProgress

CASES = Path(__file__).parents[2] / "lab_cases"
QUICK = TrainOptions(rounds=4, calibrate=False)
JUDGED = TrainOptions(rounds=4, calibrate=False, early_stopping=True)


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return recorded.read_all(CASES)


def _request(
    name: str, options: TrainOptions = QUICK, *, external_memory: bool = False, dask: str | None = None
) -> training_job.TrainRequest:
    return training_job.TrainRequest(name, CASES, options=options, external_memory=external_memory, dask=dask)


def _first(name: str, cases: tuple[Case, ...]) -> list[tuple[str, str]]:
    """The (node, anomaly) that most of each case's anomaly is put down to."""
    model = model_registry.load(name)
    found = []
    for case in cases:
        if not case.labels:
            continue
        followed = replay(model, case)
        ill = (followed.times_s >= case.labels[0].start_s) & (followed.times_s <= case.labels[0].end_s)
        importance = followed.importance[ill].mean(axis=0)
        node, anomaly = np.unravel_index(int(importance.argmax()), importance.shape)
        found.append((case.window.nodes[node], model.anomalies[anomaly]))
    return found


@pytest.mark.usefixtures("own_places")
def test_external_memory_ranks_as_memory_does_and_leaves_nothing(cases: tuple[Case, ...]) -> None:
    training_job.train_synchronously(_request("held"), lambda _: None)
    training_job.train_synchronously(_request("spilled", external_memory=True), lambda _: None)

    assert _first("spilled", cases) == _first("held", cases)
    held, spilled = model_registry.load("held"), model_registry.load("spilled")
    assert spilled.features.metrics == held.features.metrics
    assert spilled.training.windows == held.training.windows
    assert spilled.training.made_with["memory"] == "external"
    assert list(places.cache_dir().iterdir()) == []


@pytest.mark.usefixtures("own_places")
def test_a_training_with_external_memory_that_is_called_off_leaves_nothing() -> None:
    def progress(step: TrainProgress) -> None:
        if step.anomaly:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        training_job.train_synchronously(_request("spilled", JUDGED, external_memory=True), progress)

    assert list(places.cache_dir().iterdir()) == []
    assert not places.models_dir().exists()


@pytest.fixture
def scheduler() -> Iterator[str]:
    distributed = pytest.importorskip(
        "distributed", reason="SKIPPED: Dask is not installed, so training on it is not tried; pip install '.[dask]'"
    )
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, host="127.0.0.1", protocol="tcp://", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address.removeprefix("tcp://")


@pytest.mark.usefixtures("own_places")
@pytest.mark.parametrize("external_memory", [False, True])
def test_two_workers_of_dask_learn_to_name_what_was_there(
    cases: tuple[Case, ...], scheduler: str, *, external_memory: bool
) -> None:
    training_job.train_synchronously(
        _request("shared", external_memory=external_memory, dask=scheduler), lambda _: None
    )

    assert _first("shared", cases) == [(case.labels[0].node, case.labels[0].anomaly) for case in cases if case.labels]
    assert "distributed" in model_registry.load("shared").training.made_with


@pytest.mark.usefixtures("own_places")
@pytest.mark.parametrize("address", ["localhost", ":8786", "localhost:dask"])
def test_an_address_must_be_one(address: str) -> None:
    with pytest.raises(ConfigError, match="HOST:PORT"):
        training_job.train_synchronously(_request("shared", dask=address), lambda _: None)


@pytest.mark.usefixtures("own_places")
def test_a_scheduler_that_is_not_there_is_told() -> None:
    pytest.importorskip("distributed", reason="SKIPPED: Dask is not installed")
    with socket.socket() as listening_not:
        listening_not.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listening_not.getsockname()[1]}"
        with pytest.raises(UnreachableError, match="dask scheduler"):
            training_job.train_synchronously(_request("shared", dask=address), lambda _: None)
