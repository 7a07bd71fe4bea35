"""The plans of the driver of one node and of each of its worker processes; both are passed as JSON through a pipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from distdiag_core.workloads.benchmarks.tpcc.tables.nurand import Constants
from distdiag_core.workloads.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class DriverPlan:
    """Plan of the driver of one node.

    Attributes:
        endpoints: endpoints of all nodes of the run, by name.
        per_s: offered transactions per second; 0 for no limit.
        waits: the terminals take the keying and think times of the specification.
        left_s: remaining seconds; None for until ended.
        run: id of the run.
        results: log of the results of Deliveries, which earlier runs share.
    """

    node: str
    endpoints: dict[str, Endpoint] = field(repr=False)
    terminals: int
    processes: int
    per_s: float
    percent: int
    waits: bool
    left_s: float | None
    run: str
    results: str

    def encode(self) -> str:
        """Serialize as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> DriverPlan:
        """Parse what `encode` serialized."""
        data = json.loads(text)
        return cls(**{**data, "endpoints": {node: Endpoint.of(each) for node, each in data["endpoints"].items()}})


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """Plan of one worker process.

    Attributes:
        home: warehouses of the node, to which its terminals belong.
        warehouses: all warehouses of the run.
        elsewhere: warehouses that the database of the node does not hold, with the node that holds each.
        first: number of its first terminal, counted from 0 over all processes.
        seed: seed of its random numbers, different for each process.
    """

    endpoint: Endpoint = field(repr=False)
    others: dict[str, Endpoint] = field(repr=False)
    home: tuple[int, ...]
    warehouses: tuple[int, ...]
    elsewhere: dict[int, str]
    constants: Constants
    percent: int
    first: int
    terminals: int
    per_s: float
    waits: bool
    seed: int

    def encode(self) -> str:
        """Serialize as one line of JSON."""
        return json.dumps({**asdict(self), "elsewhere": list(self.elsewhere.items())})

    @classmethod
    def decode(cls, line: str) -> ProcessPlan:
        """Parse what `encode` serialized."""
        data = json.loads(line)
        return cls(
            **{
                **data,
                "endpoint": Endpoint.of(data["endpoint"]),
                "others": {node: Endpoint.of(each) for node, each in data["others"].items()},
                "home": tuple(data["home"]),
                "warehouses": tuple(data["warehouses"]),
                "elsewhere": dict(data["elsewhere"]),
                "constants": Constants(**data["constants"]),
            }
        )
