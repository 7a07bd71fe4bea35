"""What the process that keeps clients going is told, through a pipe, since the accounts are in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmark import Endpoint
from distdiag_core.workloads.clients.run_files import request_from
from distdiag_core.workloads.load_profile import LoadProfile, LoadStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.workloads.workload_request import WorkloadRequest


@dataclass(frozen=True, slots=True)
class ClientJob:
    """The clients of one benchmark on one node.

    Attributes:
        id: of the run, the same on all of its nodes.
        endpoints: of all nodes of the request, by name.
        profile: what becomes of threads and rate over time.
    """

    cluster: str
    id: str
    node: str
    request: WorkloadRequest
    endpoints: Mapping[str, Endpoint]
    profile: LoadProfile = field(default_factory=LoadProfile)

    def encode(self) -> bytes:
        """As it goes through a pipe."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, content: bytes) -> ClientJob:
        """The opposite of `encode`."""
        data = json.loads(content)
        return cls(
            data["cluster"],
            data["id"],
            data["node"],
            request_from(data["request"]),
            {name: Endpoint(**each) for name, each in data["endpoints"].items()},
            LoadProfile(tuple(LoadStep(**each) for each in data["profile"]["steps"])),
        )
