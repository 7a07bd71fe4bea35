"""Load profiles: threads and offered rate as a function of the time since the start of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.settings import loader

if TYPE_CHECKING:
    from distdiag_core.workloads.workload_request import WorkloadRequest


@dataclass(frozen=True, slots=True)
class LoadStep:
    """A period of constant load; `rate` 0 stands for no limit."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    minutes: float
    threads: int
    rate: int = 0

    def __post_init__(self) -> None:
        """Reject values out of bounds."""
        if not 0.01 <= self.minutes <= 1_000_000:
            raise ValueError("a step lasts between 0.01 and 1,000,000 minutes")
        if not 1 <= self.threads <= 10_000:
            raise ValueError("threads must be between 1 and 10,000")
        if not 0 <= self.rate <= 1_000_000:
            raise ValueError("the rate must be between 0 and 1,000,000")


@dataclass(frozen=True, slots=True)
class CurrentLoad:
    """The request with the threads and rate of a point in time, and the seconds until the next step."""

    request: WorkloadRequest
    lasts_s: float


@dataclass(frozen=True, slots=True)
class LoadProfile:
    """Cyclic sequence of steps; without steps the load is that of the request."""

    steps: tuple[LoadStep, ...] = ()

    def at(self, elapsed_s: float, request: WorkloadRequest) -> CurrentLoad:
        """The load `elapsed_s` seconds after the start."""
        if len(self.steps) <= 1:
            return CurrentLoad(_with(request, self.steps[0]) if self.steps else request, math.inf)
        left_s = elapsed_s % (60 * sum(step.minutes for step in self.steps))
        for step in self.steps:
            if left_s < 60 * step.minutes:
                return CurrentLoad(_with(request, step), 60 * step.minutes - left_s)
            left_s -= 60 * step.minutes
        # Rounding led past the end: the first step has just begun.
        return CurrentLoad(_with(request, self.steps[0]), 60 * self.steps[0].minutes)


def _with(request: WorkloadRequest, step: LoadStep) -> WorkloadRequest:
    return replace(request, threads=step.threads, rate=step.rate)
