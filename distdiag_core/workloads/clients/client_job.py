"""The job of a client supervisor; it contains SQL accounts and is therefore passed through a pipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from distdiag_core.settings import json_document
from distdiag_core.workloads.clients.run_files import request_from
from distdiag_core.workloads.endpoint import Endpoint  # noqa: TC001 - read from a pipe as well
from distdiag_core.workloads.load_profile import LoadProfile
from distdiag_core.workloads.load_share import LoadShare

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
        share: the part of these that the clients of this host take.
        lease_s: how long they go on when no console asks for them; None for ever.
    """

    cluster: str
    id: str
    node: str
    request: WorkloadRequest
    endpoints: Mapping[str, Endpoint]
    profile: LoadProfile = field(default_factory=LoadProfile)
    share: LoadShare = field(default_factory=LoadShare)
    lease_s: float | None = None

    def encode(self) -> bytes:
        """Serialize as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, content: bytes) -> ClientJob:
        """Parse what `encode` serialized.

        Raises:
            DataError: it is no job.
            ConfigError: the benchmark or one of its options is unknown.
        """
        entry = json_document.parse(content, _JobEntry, where="a job of clients")
        return cls(
            entry.cluster,
            entry.id,
            entry.node,
            request_from(entry.request),
            entry.endpoints,
            entry.profile,
            entry.share,
            entry.lease_s,
        )


@dataclass(frozen=True, slots=True)
class _JobEntry:
    cluster: str
    id: str
    node: str
    request: dict[str, Any]
    endpoints: dict[str, Endpoint]
    profile: LoadProfile
    share: LoadShare
    lease_s: float | None
