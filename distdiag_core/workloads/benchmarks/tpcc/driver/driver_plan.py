"""What the driver of one node is told, and what each of its processes is told; both are JSON in a pipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from distdiag_core.workloads.benchmark import Endpoint
from distdiag_core.workloads.benchmarks.tpcc.tables.nurand import Constants


@dataclass(frozen=True, slots=True)
class DriverPlan:
    """What the driver of one node is told.

    Attributes:
        endpoints: of all nodes of the run, by name.
        per_s: transactions that are offered; 0 for as fast as it goes.
        unhurried: terminals take the keying and think times of the specification.
        left_s: None for until ended.
        run: the id of the run.
        results: the file for the results of Deliveries, each with the run; what is in it is kept.
    """

    node: str
    endpoints: dict[str, Endpoint] = field(repr=False)
    terminals: int
    processes: int
    per_s: float
    percent: int
    unhurried: bool
    left_s: float | None
    run: str
    results: str

    def encode(self) -> str:
        """As it goes through the pipe."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> DriverPlan:
        """The opposite of `encode`."""
        data = json.loads(text)
        return cls(**{**data, "endpoints": {node: Endpoint(**each) for node, each in data["endpoints"].items()}})


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """What one of its processes is told.

    Attributes:
        home: the warehouses of the node, where its terminals stand.
        warehouses: all of the run.
        elsewhere: those that the node's own database does not hold, with the node that does.
        first: the number of its first terminal, counted from 0 over all processes.
        seed: different for each process.
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
    unhurried: bool
    seed: int

    def encode(self) -> str:
        """As it goes through the pipe: one line."""
        return json.dumps({**asdict(self), "elsewhere": list(self.elsewhere.items())})

    @classmethod
    def decode(cls, line: str) -> ProcessPlan:
        """The opposite of `encode`."""
        data = json.loads(line)
        return cls(
            **{
                **data,
                "endpoint": Endpoint(**data["endpoint"]),
                "others": {node: Endpoint(**each) for node, each in data["others"].items()},
                "home": tuple(data["home"]),
                "warehouses": tuple(data["warehouses"]),
                "elsewhere": dict(data["elsewhere"]),
                "constants": Constants(**data["constants"]),
            }
        )
