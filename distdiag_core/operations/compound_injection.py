"""A compound injection on its way: each of its parts begins at its offset, and is followed to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError
from distdiag_core.metrics import clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from distdiag_core.anomalies.compound import CompoundPlan
    from distdiag_core.anomalies.injection import Injection, Plan, Severity


class PartState(StrEnum):
    """The state of one anomaly of a compound injection on one node."""

    PLANNED = "planned"
    STARTING = "starting"
    ACTIVE = "active"
    ENDED = "ended"
    FAILED = "failed"
    CALLED_OFF = "called off"


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One anomaly of a compound injection on one node: as planned, and what became of it.

    Attributes:
        offset_s, duration_s: as planned; from the begin of the whole.
        begun_s, proved_s, ended_s: seconds since the epoch, on the clock of the run; None until then. The end of one
            that ended by itself is its deadline.
        problem: why it failed.
    """

    id: str
    anomaly: str
    node: str
    severity: Severity
    offset_s: float
    duration_s: float
    state: PartState = PartState.PLANNED
    begun_s: float | None = None
    proved_s: float | None = None
    ended_s: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CompoundStatus:
    """How far a compound injection is.

    Attributes:
        name: of its preset; empty for none.
        began_s: None while it waits for the stretch before it.
    """

    name: str
    began_s: float | None
    parts: tuple[PartStatus, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is still to come or active."""
        return not any(part.state in (PartState.PLANNED, PartState.STARTING, PartState.ACTIVE) for part in self.parts)

    @property
    def to_come(self) -> tuple[PartStatus, ...]:
        """The parts that have not begun, and still may."""
        return tuple(part for part in self.parts if part.state is PartState.PLANNED)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why parts failed, a sentence each; a part on several nodes has one."""
        return tuple(dict.fromkeys(part.problem for part in self.parts if part.problem))


class CompoundInjection:
    """The parts of a confirmed plan, each started at its offset. One that fails leaves the others alone.

    Args:
        inject: starts the injections of a part; calls its second argument when it begins, after any wait before it.
        tell: called with a sentence when a part begins, is proved or fails.
        now_s: the clock of the run.

    Attributes:
        errors: of the parts that failed.
    """

    def __init__(
        self,
        plan: CompoundPlan,
        inject: Callable[[Plan, Callable[[], None]], Awaitable[tuple[Injection, ...]]],
        tell: Callable[[str], None],
        now_s: Callable[[], float] = clock.now_s,
    ) -> None:
        self._plan = plan
        self._inject = inject
        self._tell = tell
        self._now_s = now_s
        self._began_s: float | None = None
        self._began = asyncio.Event()
        self._waiting: set[asyncio.Task[None]] = set()
        self._injections: dict[str, Injection] = {}
        self.errors: list[DistdiagError] = []
        self._parts = {
            step.id: PartStatus(
                step.id,
                part.request.anomaly,
                step.node,
                part.request.severity,
                part.offset_s,
                part.request.duration_s,
            )
            for part, of_part in zip(plan.request.parts, plan.plans, strict=True)
            for step in of_part.steps
        }

    @property
    def status(self) -> CompoundStatus:
        """How far it is, as of the last `observe`."""
        return CompoundStatus(self._plan.request.name, self._began_s, tuple(self._parts.values()))

    @property
    def injections(self) -> tuple[Injection, ...]:
        """The injections that were proved, in the order of the plan."""
        return tuple(self._injections[name] for name in self._parts if name in self._injections)

    async def run(self) -> None:
        """Start every part at its time; over when the last one has started, failed or been called off."""
        parts = self._plan.request.parts
        if all(part.offset_s > 0 for part in parts):
            self._begin()
        async with asyncio.TaskGroup() as tasks:
            for part, plan in zip(parts, self._plan.plans, strict=True):
                task = tasks.create_task(self._start(plan, part.offset_s))
                self._waiting.add(task)
                task.add_done_callback(self._waiting.discard)

    def call_off(self) -> tuple[str, ...]:
        """Let nothing begin any more; the ids of what would have."""
        coming = tuple(part.id for part in self.status.to_come)
        self._change(coming, state=PartState.CALLED_OFF)
        for task in tuple(self._waiting):
            task.cancel()
        return coming

    def observe(self, known: Iterable[Injection]) -> CompoundStatus:
        """The status, with the injections that the nodes list now; a proved one that they do not list has ended."""
        listed = {injection.id for injection in known}
        for part in self._parts.values():
            if part.state is PartState.ACTIVE and part.id not in listed:
                ended_s = min(self._now_s(), self._injections[part.id].deadline_s)
                self._change((part.id,), state=PartState.ENDED, ended_s=ended_s)
        return self.status

    async def _start(self, plan: Plan, offset_s: float) -> None:
        ids = tuple(step.id for step in plan.steps)
        what = f"{plan.request.anomaly} {plan.request.severity} on {', '.join(plan.request.nodes)}"

        def begin() -> None:
            # From now on it is on its way, and ends by being cleared.
            self._waiting.discard(_this_task())
            self._begin()
            self._change(ids, state=PartState.STARTING, begun_s=self._now_s())
            self._tell(f"{what}: begins")

        try:
            # What has no offset begins the whole, perhaps after a wait of its own; the others wait for that.
            if offset_s > 0:
                await self._until(offset_s)
            injections = await self._inject(plan, begin)
        except DistdiagError as error:
            if self._called_off(ids):
                return
            self.errors.append(error)
            self._change(ids, state=PartState.FAILED, problem=str(error))
            self._tell(f"{what}: failed, {error}")
        except asyncio.CancelledError:
            if self._called_off(ids):
                return
            self._change(ids, state=PartState.CALLED_OFF)
            raise
        else:
            self._injections |= {injection.id: injection for injection in injections}
            self._change(ids, state=PartState.ACTIVE, proved_s=self._now_s())
            self._tell(f"{what}: proved")
        finally:
            # What comes later is not lost with the first.
            self._begin()

    def _called_off(self, ids: Iterable[str]) -> bool:
        return all(self._parts[name].state is PartState.CALLED_OFF for name in ids)

    def _begin(self) -> None:
        if self._began_s is None:
            self._began_s = self._now_s()
            self._began.set()

    async def _until(self, offset_s: float) -> None:
        await self._began.wait()
        assert self._began_s is not None  # noqa: S101 - the event says so
        await asyncio.sleep(max(0.0, self._began_s + offset_s - self._now_s()))

    def _change(self, ids: Iterable[str], **values: object) -> None:
        for name in ids:
            self._parts[name] = replace(self._parts[name], **values)  # type: ignore[arg-type]  # fields of the part


def _this_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine on a loop runs in a task
    return task
