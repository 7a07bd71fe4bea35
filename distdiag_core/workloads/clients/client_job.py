"""The job of a client supervisor; it contains SQL accounts and is therefore passed through a pipe."""

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
    """One benchmark to run on one node.

    Attributes:
        id: id of the run, the same on all of its nodes.
        endpoints: endpoints of all nodes of the request, by name.
        profile: threads and rate over time.
    """

    cluster: str
    id: str
    node: str
    request: WorkloadRequest
    endpoints: Mapping[str, Endpoint]
    profile: LoadProfile = field(default_factory=LoadProfile)

    def encode(self) -> bytes:
        """Serialize as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, content: bytes) -> ClientJob:
        """Parse what `encode` serialized."""
        data = json.loads(content)
        return cls(
            data["cluster"],
            data["id"],
            data["node"],
            request_from(data["request"]),
            {name: Endpoint.of(each) for name, each in data["endpoints"].items()},
            LoadProfile(tuple(LoadStep(**each) for each in data["profile"]["steps"])),
        )
