"""The name of a simulated cluster on the command line: `sim:NODES`, or `sim:NODES:SEED`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from distdiag_core.errors import ConfigError, quoted

# A colon is in the name of no cluster file.
_PREFIX = "sim:"
_PATTERN = re.compile(r"sim:([0-9]{1,4})(?::([0-9]{1,9}))?")
_MOST_NODES = 1_000


@dataclass(frozen=True, slots=True)
class SimulationRequest:
    """How many nodes, and the seed of their figures and anomalies."""

    nodes: int
    seed: int = 1


def is_simulated(name: str | None) -> bool:
    """Whether the name is meant for a simulated cluster."""
    return name is not None and name.startswith(_PREFIX)


def parse(name: str) -> SimulationRequest:
    """The simulation of that name.

    Raises:
        ConfigError: it is none.
    """
    found = _PATTERN.fullmatch(name)
    if found is None or not 1 <= int(found[1]) <= _MOST_NODES:
        raise ConfigError(
            f"{quoted(name)} is no simulated cluster",
            hint=f"write sim:NODES or sim:NODES:SEED with 1 to {_MOST_NODES:,} nodes, for instance sim:100",
        )
    return SimulationRequest(int(found[1]), int(found[2] or 1))
