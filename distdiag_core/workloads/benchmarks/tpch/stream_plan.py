"""The plan of the driver of one node; it contains the SQL account and is therefore passed through a pipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from decimal import Decimal

from distdiag_core.workloads.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """Query streams that one driver runs on one node.

    Attributes:
        scale: scale factor of the data, in decimal digits.
        streams: numbers of the streams; 0 is the stream of the power test.
        seed: seed of the parameters, to which a stream adds its number (clause 2.1.3.3).
        timeout_s: time-out of a query.
        rate: started queries per second at most, of all streams together; 0 for no limit.
        left_s: remaining seconds; None for until ended.
    """

    node: str
    endpoint: Endpoint
    scale: str
    streams: tuple[int, ...]
    seed: int
    timeout_s: float
    rate: int = 0
    left_s: float | None = None

    @property
    def scale_factor(self) -> Decimal:
        """The scale factor as a number."""
        return Decimal(self.scale)

    def encode(self) -> str:
        """Serialize as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, content: str) -> StreamPlan:
        """Parse what `encode` serialized."""
        data = json.loads(content)
        return cls(**{**data, "endpoint": Endpoint.of(data["endpoint"]), "streams": tuple(data["streams"])})
