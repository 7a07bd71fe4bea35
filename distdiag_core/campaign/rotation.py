"""Which nodes and severities a scenario that rotates has in each of its repeats."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from distdiag_core.campaign.campaign import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.campaign.campaign import Rotating, Scenario


class Rotation:
    """Goes round the nodes and round each anomaly's severities, from where the seed lets it begin."""

    def __init__(self, seed: int, scenario: Scenario, nodes: Sequence[str]) -> None:
        # Its own for each scenario, so that taking out others changes nothing here.
        begin = random.Random(f"{seed} {scenario.name} {scenario.rotate}")  # noqa: S311 - an order, not a secret
        self._nodes = tuple(nodes)
        self._first = begin.randrange(len(self._nodes))
        self._entries = [(entry, begin.randrange(len(entry.severities))) for entry in scenario.rotate]

    def injections(self, repeat: int) -> tuple[Wanted, ...]:
        """What is injected in this repeat, in the order of the scenario."""
        return tuple(
            Wanted(entry.anomaly, node, entry.severities[(first + repeat) % len(entry.severities)])
            for entry, first in self._entries
            for node in self._hit(entry, repeat)
        )

    def _hit(self, entry: Rotating, repeat: int) -> list[str]:
        count = len(self._nodes)
        most = count if entry.nodes == "all" else min(entry.nodes, count)
        return sorted(self._nodes[(self._first + repeat + number) % count] for number in range(most))
