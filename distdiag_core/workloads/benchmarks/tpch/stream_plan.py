"""What a driver is told to do, through a pipe, since the account is in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from decimal import Decimal

from distdiag_core.workloads.benchmark import Endpoint


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """The streams that one driver runs on one node.

    Attributes:
        scale: the scale factor of the data, in decimal digits.
        streams: their numbers; 0 is the stream of the power test.
        seed: of the parameters; a stream adds its number (clause 2.1.3.3).
        timeout_s: for a single query.
        rate: queries a second that are begun at most, in all streams together; 0 for as fast as it goes.
        left_s: None for until ended.
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
        """As it goes through the pipe."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, content: str) -> StreamPlan:
        """The opposite of `encode`."""
        data = json.loads(content)
        return cls(**{**data, "endpoint": Endpoint(**data["endpoint"]), "streams": tuple(data["streams"])})
