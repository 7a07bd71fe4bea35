"""Load that changes over time: how many clients, and how many transactions are offered, from minute to minute."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.settings import loader

if TYPE_CHECKING:
    from distdiag_core.workloads.workload_request import WorkloadRequest


@dataclass(frozen=True, slots=True)
class LoadStep:
    """A stretch of even load; `rate` 0 is as fast as it goes."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    minutes: float
    threads: int
    rate: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not 0.01 <= self.minutes <= 1_000_000:
            raise ValueError("a step lasts between 0.01 and 1,000,000 minutes")
        if not 1 <= self.threads <= 10_000:
            raise ValueError("threads must be between 1 and 10,000")
        if not 0 <= self.rate <= 1_000_000:
            raise ValueError("the rate must be between 0 and 1,000,000")


@dataclass(frozen=True, slots=True)
class CurrentLoad:
    """The request as it is at some load, and for how long it stays like that."""

    request: WorkloadRequest
    lasts_s: float


@dataclass(frozen=True, slots=True)
class LoadProfile:
    """Steps one after the other, again and again; without any, the load is the request's own."""

    steps: tuple[LoadStep, ...] = ()

    def at(self, elapsed_s: float, request: WorkloadRequest) -> CurrentLoad:
        """What `request` is `elapsed_s` after the start."""
        if len(self.steps) <= 1:
            return CurrentLoad(_with(request, self.steps[0]) if self.steps else request, math.inf)
        left_s = elapsed_s % (60 * sum(step.minutes for step in self.steps))
        for step in self.steps:
            if left_s < 60 * step.minutes:
                return CurrentLoad(_with(request, step), 60 * step.minutes - left_s)
            left_s -= 60 * step.minutes
        # Where rounding has led past the end, the first step has just begun.
        return CurrentLoad(_with(request, self.steps[0]), 60 * self.steps[0].minutes)


def _with(request: WorkloadRequest, step: LoadStep) -> WorkloadRequest:
    return replace(request, threads=step.threads, rate=step.rate)
