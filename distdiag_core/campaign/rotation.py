"""The rotation of a scenario: its load, nodes and severities in each repeat."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from distdiag_core.campaign.campaign import CaseInjection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.campaign.campaign import Rotating, Scenario


class Rotation:
    """Round robin over loads, nodes and the severities of each anomaly; the seed decides the first ones."""

    def __init__(self, seed: int, scenario: Scenario, nodes: Sequence[str]) -> None:
        self._loads = scenario.loads
        # One generator for each scenario, so that taking out others changes nothing here.
        begin = random.Random(f"{seed} {scenario.name} {scenario.rotate}")  # noqa: S311 - an order, not a secret
        self._nodes = tuple(nodes)
        self._first = begin.randrange(len(self._nodes))
        self._entries = [(entry, begin.randrange(len(entry.severities))) for entry in scenario.rotate]
        self._first_load = begin.randrange(len(self._loads)) if scenario.rotate else 0

    def load(self, repeat: int, number: int = 0) -> str:
        """The load of the `number`th case of a repeat, both counted from 0."""
        # Shifted by one more each time round, or a severity that rotates as well would always meet the same load.
        return self._loads[(self._first_load + number + repeat + repeat // len(self._loads)) % len(self._loads)]

    def injections(self, repeat: int) -> tuple[CaseInjection, ...]:
        """The injections of a repeat, in the order of the scenario."""
        return tuple(
            CaseInjection(entry.anomaly, node, entry.severities[(first + repeat) % len(entry.severities)])
            for entry, first in self._entries
            for node in self._hit(entry, repeat)
        )

    def _hit(self, entry: Rotating, repeat: int) -> list[str]:
        count = len(self._nodes)
        most = count if entry.nodes == "all" else min(entry.nodes, count)
        return sorted(self._nodes[(self._first + entry.offset + repeat + number) % count] for number in range(most))
