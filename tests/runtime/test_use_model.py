"""Exchanging the model of a running console: between two ticks, told, and only for a whole one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.diagnosis.model import model_files
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.models import model_registry
from distdiag_core.runtime.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.runtime.snapshot import Snapshot

WITHIN_S = 60.0
# The discard service: no database listens there.
HERE = NodeSettings("here", "127.0.0.1", connection="local", ssh=SshSettings(), sql=SqlSettings(port=9))
CLUSTER = ClusterSettings("mine", (HERE,), interval_s=0.2)


async def _until(runtime: Runtime, condition: Callable[[Snapshot], bool]) -> Snapshot:
    async with asyncio.timeout(WITHIN_S):
        while not condition(snapshot := await runtime.next_snapshot()):
            pass
    return snapshot


def _diagnosed_by(name: str) -> Callable[[Snapshot], bool]:
    def condition(seen: Snapshot) -> bool:
        return seen.model is not None and seen.model.name == name and seen.diagnosis is not None

    return condition


@pytest.mark.usefixtures("own_places")
async def test_another_model_diagnoses_from_the_next_tick_on() -> None:
    first = model_registry.load()
    model_files.save(replace(first, name="other"), places.models_dir() / "other")

    async with Runtime(CLUSTER, model=first) as runtime:
        before = await _until(runtime, _diagnosed_by(model_registry.DEFAULT))
        status = await runtime.models.use("other")
        after = await _until(runtime, _diagnosed_by("other"))

    assert status == after.model
    assert after.tick > before.tick
    assert any(
        event.kind == "action" and "the model other diagnoses from now on" in event.text for event in after.events
    )
    assert model_registry.chosen() == "other"


@pytest.mark.usefixtures("own_places")
async def test_a_model_that_is_missing_or_damaged_takes_no_place() -> None:
    (places.models_dir() / "damaged").mkdir(parents=True)
    (places.models_dir() / "damaged" / "model.json").write_text("{")

    async with Runtime(CLUSTER, model=model_registry.load()) as runtime:
        with pytest.raises(ConfigError, match="missing"):
            await runtime.models.use("missing")
        with pytest.raises(DataError):
            await runtime.models.use("damaged")
        after = await _until(runtime, _diagnosed_by(model_registry.DEFAULT))

    assert model_registry.chosen() == model_registry.DEFAULT
    assert not any("diagnoses from now on" in event.text for event in after.events)


@pytest.mark.usefixtures("own_places")
async def test_without_a_model_the_cluster_is_diagnosed_until_one_names_what_is_found() -> None:
    model_registry.keep("gone")
    model, why = model_registry.load_if_usable(())
    assert model is None

    async with Runtime(CLUSTER, model=model, problems=(why,)) as runtime:
        before = await _until(runtime, lambda seen: seen.diagnosis is not None)
        await runtime.models.use(model_registry.DEFAULT)
        after = await _until(runtime, _diagnosed_by(model_registry.DEFAULT))

    assert before.model is None
    assert any("anomalies are found and not named" in event.text for event in before.events)
    assert after.diagnosis is not None
    assert any(cause.anomaly in model_registry.load().anomalies for cause in after.diagnosis.root_causes)
