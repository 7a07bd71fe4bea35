"""What TPC-H can be told beyond threads, rate and time."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from distdiag_core.workloads.benchmark_options import Options, option


@dataclass(frozen=True, slots=True)
class TpchOptions(Options):
    """The data, and how the queries are asked."""

    scale: float = option(
        "The scale factor: 1 is about 1 GB and 8.7 million rows.",
        default=0.1,
        label="Scale factor",
        least=0.01,
        most=1_000,
        needs_prepare=True,
    )
    seed: int = option(
        "The parameters of the queries are drawn from it: the same seed asks the same.",
        default=1,
        label="Seed",
        least=0,
    )
    query_timeout: int = option(
        "Seconds after which a query is given up.",
        default=120,
        label="Time-out of a query",
        least=1,
        most=86_400,
        for_check=True,
    )

    @property
    def scale_factor(self) -> Decimal:
        """The scale factor as it was typed, without a binary fraction."""
        return Decimal(str(self.scale))
