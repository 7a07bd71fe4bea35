"""The metrics of simulated nodes at any tick: a common load, waves and noise, and the effects of the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.simulation.effects import EFFECTS

if TYPE_CHECKING:
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.metrics.frame import Array
    from distdiag_core.simulation.schedule import Schedule

# The usual size of a figure by its unit, and of some metrics by their names.
_OF_UNIT = {"%": 8.0, "bytes/s": 2e6, "bytes": 4e8, "ms": 2.0, "1/s": 300.0, "ms/s": 20.0, "pages/s": 5.0}
_OF_METRIC = {
    "host.cpu.usage": 31.0,
    "host.memory.used": 48.0,
    "host.disk.busy": 20.0,
    "host.pressure.cpu.some": 4.0,
    "host.pressure.io.some": 5.0,
    "host.tcp.retransmit_share": 0.1,
    "host.tcp.round_trip": 0.3,
    "sysstat.trans_commit_count": 420.0,
    "sysstat.trans_latency": 6.0,
}
_OTHER, _MOST_PERCENT = 10.0, 99.5
_WAVE, _NOISE = 0.06, 0.03


class Figures:
    """The figures of `nodes` nodes, the same for the same seed."""

    def __init__(self, nodes: int, seed: int, catalogue: MetricCatalogue, schedule: Schedule) -> None:
        random = np.random.default_rng(seed)
        shape = (nodes, len(catalogue.metrics))
        usual = [_OF_METRIC.get(each.name, _OF_UNIT.get(each.unit, _OTHER)) for each in catalogue.metrics]
        # Nodes of one cluster resemble each other; metrics of one unit do not.
        variety = np.array([1.0 if each.name in _OF_METRIC else random.uniform(0.3, 1.5) for each in catalogue.metrics])
        self._usual = np.array(usual) * variety * random.uniform(0.85, 1.15, (nodes, 1))
        self._speeds, self._phases = random.uniform(0.05, 0.6, shape), random.uniform(0, 2 * np.pi, shape)
        self._percent = np.array([each.unit == "%" for each in catalogue.metrics])
        self._places = {name: place for place, name in enumerate(catalogue.names)}
        self._seed, self._schedule = seed, schedule

    def at(self, tick: int) -> Array:
        """Shape (nodes, metrics)."""
        noise = np.random.default_rng((self._seed, 0, tick)).standard_normal(self._usual.shape)
        load = 1 + 0.15 * np.sin(tick / 95) + 0.05 * np.sin(tick / 6)
        waves = 1 + _WAVE * np.sin(self._speeds * tick + self._phases) + _NOISE * noise
        values = self._usual * load * waves
        for each in self._schedule.active(tick):
            for metric, factor in EFFECTS[each.anomaly].items():
                values[each.node, self._places[metric]] *= 1 + (factor - 1) * each.strength(tick)
        np.minimum(values, _MOST_PERCENT, where=self._percent, out=values)
        figures: Array = values.astype(np.float32)
        return figures
