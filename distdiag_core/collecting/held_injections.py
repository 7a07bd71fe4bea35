"""Injections that are held until the stretch before them is long enough to be a part of their case."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.errors import RefusedError

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Plan


class HeldInjections:
    """Injections that wait, until they are let through or called off."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    @property
    def waiting(self) -> tuple[str, ...]:
        """The injections that wait, each as `cpu_stress on n2`."""
        return tuple(word for each in self._waiting for word in describe(each.plan))

    async def wait(self, plan: Plan) -> None:
        """Wait until `plan` is let through.

        Raises:
            RefusedError: it was called off meanwhile.
        """
        waiting = _Waiting(plan)
        self._waiting.append(waiting)
        try:
            await waiting.through.wait()
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
        if waiting.called_off:
            raise RefusedError("called off: everything was cleared", where=", ".join(describe(plan)))

    def let_through(self) -> tuple[str, ...]:
        """Let all through; returns the ids of what is injected from this moment on."""
        ids = tuple(step.id for each in self._waiting for step in each.plan.steps)
        self._end(called_off=False)
        return ids

    def call_off(self) -> None:
        """Refuse all, because they would follow a clearing of everything."""
        self._end(called_off=True)

    def _end(self, *, called_off: bool) -> None:
        for each in self._waiting:
            each.called_off = called_off
            each.through.set()
        self._waiting.clear()


def describe(plan: Plan) -> tuple[str, ...]:
    """The injections of a plan, each as `cpu_stress on n2`."""
    return tuple(f"{plan.request.anomaly} on {step.node}" for step in plan.steps)


class _Waiting:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.through = asyncio.Event()
        self.called_off = False
