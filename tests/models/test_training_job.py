"""Training as an act: off the loop, told as it goes, called off, killed, and the same each time."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.cli.models import comparison_facts
from distdiag_core.diagnosis.training.training_options import TrainOptions
from distdiag_core.errors import ConfigError
from distdiag_core.models import model_comparison, model_registry, training_job
from tests.pages.json_shapes import mismatches_of_facts

if TYPE_CHECKING:
    from distdiag_core.diagnosis.training.training_options import TrainProgress

CASES = Path(__file__).parents[1] / "diagnosis" / "lab_cases"
QUICK = TrainOptions(rounds=2, calibrate=False)
FEW = ("cpu_stress-n2-high-rw3-1", "io_stress-n1-medium-rw3-1", "normal-ro2-1")
WITHIN_S = 60.0


@pytest.fixture
def few_cases(tmp_path: Path) -> Path:
    """For trainings of which it does not matter what they learn."""
    for name in FEW:
        shutil.copytree(CASES / name, tmp_path / "few" / name)
    return tmp_path / "few"


def _request(name: str, options: TrainOptions = QUICK) -> training_job.TrainRequest:
    return training_job.TrainRequest(name, CASES, options=options)


@pytest.mark.usefixtures("own_places")
async def test_progress_goes_from_nothing_to_all_and_names_each_anomaly() -> None:
    seen: list[TrainProgress] = []

    facts = await training_job.train(_request("mine"), seen.append)

    shares = [step.share for step in seen if step.stage == "training"]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert {step.anomaly for step in seen if step.anomaly} == set(facts.anomalies)
    assert facts == next(each for each in model_registry.listed() if each.name == "mine")
    made = model_registry.load("mine").training
    assert made.options["rounds"] == 2
    assert set(made.made_with) >= {"distdiag", "numpy", "catalogues"}


@pytest.mark.usefixtures("own_places")
async def test_what_is_called_off_ends_writes_nothing_and_is_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    learns = asyncio.Event()

    def progress(step: TrainProgress) -> None:
        if step.anomaly:
            learns.set()

    task = asyncio.create_task(training_job.train(_request("mine", TrainOptions()), progress))
    async with asyncio.timeout(WITHIN_S):
        await learns.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    del task
    gc.collect()

    assert not places.models_dir().exists()
    assert not caplog.records


@pytest.mark.usefixtures("own_places")
def test_the_same_cases_and_seed_give_the_same_bytes(tmp_path: Path, few_cases: Path) -> None:
    def made(place: str, seed: int) -> dict[str, bytes]:
        options = TrainOptions(seed=seed, rounds=2, early_stopping=True)
        path = tmp_path / place / "m"
        training_job.train_synchronously(
            training_job.TrainRequest("m", few_cases, out=path, options=options), lambda _: None
        )
        return {file.name: file.read_bytes() for file in path.iterdir()}

    first = made("a", 1)
    assert first == made("b", 1)
    assert first != made("c", 2)


@pytest.mark.parametrize("file", ["boosters.ubj", "model.json"])
def test_a_training_that_is_killed_while_it_writes_leaves_no_model(
    own_places: Path, few_cases: Path, file: str
) -> None:
    command = [sys.executable, "-c", _TRAIN_AND_DIE, str(few_cases), file]

    ended = subprocess.run(command, check=False, timeout=WITHIN_S, env=dict(os.environ))

    assert ended.returncode == -signal.SIGKILL
    assert any(places.models_dir().iterdir())
    ships = [model_registry.MYSQL, model_registry.HOST_ALONE, model_registry.DEFAULT]
    assert [each.name for each in model_registry.listed()] == ships
    with pytest.raises(ConfigError, match="no model"):
        model_registry.find("mine")


_TRAIN_AND_DIE = """
import os, signal, sys
from pathlib import Path
from distdiag_core.models import training_job
from distdiag_core.diagnosis.training.training_options import TrainOptions

def die(descriptor):
    if os.readlink(f"/proc/self/fd/{descriptor}").endswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = die
request = training_job.TrainRequest("mine", Path(sys.argv[1]), options=TrainOptions(rounds=1, calibrate=False))
training_job.train_synchronously(request, lambda _: None)
"""


@pytest.mark.usefixtures("own_places")
async def test_without_cases_there_is_nothing_to_learn() -> None:
    with pytest.raises(ConfigError, match="no cases"):
        await training_job.train(training_job.TrainRequest("mine"), lambda _: None)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [({"rounds": 0}, "teach nothing"), ({"false_alarms_per_hour": -1.0}, "cannot be kept to")],
)
def test_options_that_make_no_sense_are_named(wrong: dict[str, float], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        TrainOptions(**wrong)  # type: ignore[arg-type]


@pytest.mark.usefixtures("own_places")
def test_models_are_compared_on_the_same_cases() -> None:
    training_job.train_synchronously(_request("mine"), lambda _: None)

    found = model_comparison.compare(["mine", model_registry.DEFAULT], CASES)

    assert [each.name for each in found.models] == ["mine", model_registry.DEFAULT]
    assert found.models[0].trained_on == found.cases
    assert found.models[1].evaluation.naming.ac is not None
    assert found.models[1].evaluation.naming.ac["1"] == 1
    assert mismatches_of_facts("models compare", comparison_facts(found)) == []


@pytest.mark.usefixtures("own_places")
@pytest.mark.parametrize("external_memory", [False, True])
def test_a_model_for_a_cluster_is_trained_and_judged_with_what_is_read_there(external_memory: bool) -> None:  # noqa: FBT001
    metrics = frozenset({"host.cpu.usage", "host.load.1", "host.disk.busy"})
    request = training_job.TrainRequest(
        "hosts", CASES, CASES, options=QUICK, external_memory=external_memory, metrics=metrics
    )

    training_job.train_synchronously(request, lambda _: None)

    model = model_registry.load("hosts")
    assert set(model.features.metrics) <= metrics
    assert model.evaluation["cases"]
