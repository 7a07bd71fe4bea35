"""A simulated cluster: the same for the same seed, with the diagnosis that its anomalies should have, and marked."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from distdiag_core.anomalies import catalogue as anomaly_catalogue
from distdiag_core.errors import ConfigError, RefusedError
from distdiag_core.metrics import catalogue as metric_catalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.metrics.history import History
from distdiag_core.simulation.effects import EFFECTS
from distdiag_core.simulation.figures import Figures
from distdiag_core.simulation.known_diagnosis import diagnose
from distdiag_core.simulation.request import SimulationRequest, parse
from distdiag_core.simulation.schedule import CYCLE_TICKS, Schedule
from distdiag_core.simulation.simulation import Simulation

CATALOGUE = metric_catalogue.load().of(("host", "sysstat"))
NODES, WITHIN_S = 5, 60.0


def _figures(seed: int) -> Figures:
    return Figures(NODES, seed, CATALOGUE, Schedule(NODES, seed))


def test_its_figures_depend_on_the_seed_and_the_tick_alone() -> None:
    one, other = _figures(7), _figures(7)
    other.at(3)
    assert np.array_equal(one.at(200), other.at(200))
    assert not np.array_equal(one.at(200), _figures(8).at(200))


def test_its_anomalies_and_their_metrics_are_those_that_ship() -> None:
    known = {each.name for each in anomaly_catalogue.load().anomalies}
    assert EFFECTS.keys() <= known
    assert {metric for each in EFFECTS.values() for metric in each} <= set(CATALOGUE.names)


def test_anomalies_come_and_go_and_the_diagnosis_names_them() -> None:
    schedule, figures = Schedule(NODES, 1), _figures(1)
    names = tuple(f"n{number}" for number in range(NODES))
    history, named, calm = History(names, CATALOGUE.names, 600), set(), 0
    for tick in range(2 * CYCLE_TICKS):
        history.append(Frame(float(tick), names, CATALOGUE.names, figures.at(tick)))
        active = schedule.active(tick)
        found = diagnose(history.window(), tick, active, float)
        at_work = {(names[each.node], each.anomaly) for each in active}
        said = {(cause.node, cause.anomaly) for cause in found.root_causes if cause.onset_s is not None}
        assert said <= at_work
        assert found.anomalous == bool(said)
        named |= {place for place in said if found.root_causes[0].evidence}
        calm += not active
    assert named
    assert calm > CYCLE_TICKS


async def test_a_tick_is_marked_and_nothing_can_be_changed() -> None:
    async with asyncio.timeout(WITHIN_S), Simulation(SimulationRequest(3)) as core:
        snapshot = await core.next_snapshot()
        assert snapshot.simulated
        assert len(snapshot.nodes) == len(snapshot.frame.nodes) == 3
        assert (snapshot.recording, core.recording) == (None, None)
        with pytest.raises(RefusedError, match="this is a simulated cluster: nothing can be cleared"):
            await core.injections.clear_all()
        with pytest.raises(RefusedError, match="no baseline"):
            core.diagnosis.reset_baseline()


@pytest.mark.parametrize("name", ["sim:", "sim:0", "sim:1001", "sim:many", "sim:3:x"])
def test_a_name_that_is_wrong_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ConfigError, match="for instance sim:100"):
        parse(name)
