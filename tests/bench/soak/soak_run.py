"""Carries out the plan of a soak, and measures meanwhile."""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from tests.bench.soak import faults, operations
from tests.bench.soak.figures import Figures
from tests.bench.soak.ledger import Ledger
from tests.bench.soak.node_side import NodeSide
from tests.bench.soak.parts import Recorder, StallingConsole, TmuxConsole
from tests.bench.soak.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.bench.soak.figures import Row
    from tests.bench.soak.parts import Part
    from tests.bench.soak.plan import Step

_ROW_S = 60.0
_LOOK_S = 2.0
# A step that takes longer is a finding, and is given up.
_STEP_S = 300.0
# A lease may be this long after its deadline, and its end is seen by the next look at the nodes.
_GRACE_S = 25.0
_LONGEST_WAIT_S = 240.0


class SoakRun:
    """One soak.

    Attributes:
        rows: the figures so far.
        load: what runs now, in words.
        busy: the parts that are being killed or started.
    """

    def __init__(self, directory: Path, nodes: Sequence[str], seed: int, say: Callable[[str], None]) -> None:
        self.directory = directory
        self.say = say
        self.ledger = Ledger()
        self.rows: list[Row] = []
        self.load = ""
        self.nodes = {name: NodeSide(name) for name in nodes}
        self.console_a = TmuxConsole("console a", directory, 120, 36)
        self.console_b = TmuxConsole("console b", directory, 200, 60)
        self.stalling = StallingConsole("stalled console", directory)
        self.recorder = Recorder("recorder", directory)
        self.parts: dict[str, Part] = {
            part.name: part for part in (self.console_a, self.console_b, self.stalling, self.recorder)
        }
        self.began_s = time.monotonic()
        self._figures = Figures(self.parts.values(), self.nodes.values())
        self._chance = random.Random(seed)  # noqa: S311 - keys, no secret
        self.busy: set[str] = set()

    @property
    def at_s(self) -> float:
        """Seconds since the begin of the run."""
        return time.monotonic() - self.began_s

    async def run(self, steps: Sequence[Step], seconds: float) -> None:
        """Start the parts, and carry out the steps until their time is over."""
        for part in self.parts.values():
            await asyncio.to_thread(part.start)
        await operations.collect_cases(self)
        self.began_s = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            lasting = [
                tasks.create_task(self._measure()),
                tasks.create_task(self._look_for_deaths()),
                tasks.create_task(walk(self.console_a, random.Random(self._chance.random()), self.ledger)),  # noqa: S311
                tasks.create_task(walk(self.console_b, random.Random(self._chance.random()), self.ledger)),  # noqa: S311
            ]
            running = []
            for step in steps:
                await asyncio.sleep(max(0.0, step.at_s - self.at_s))
                running.append(tasks.create_task(self._carry_out(step)))
            await asyncio.sleep(max(0.0, seconds - self.at_s))
            for task in running:
                task.cancel()
            for task in lasting:
                task.cancel()

    async def finish(self, *, interrupted: bool) -> None:
        """End the load and wait for the deadlines, or clear what there is; then say what is left on the nodes."""
        await operations.stop_load(self)
        if interrupted:
            await operations.clear_all(self)
        else:
            left_s = self.ledger.last_deadline_s + _GRACE_S - time.time()
            await asyncio.sleep(max(_GRACE_S, min(_LONGEST_WAIT_S, left_s)))
        await operations.note_leases_left(self)
        self._note_row()
        for part in self.parts.values():
            if part.lives and (problem := await asyncio.to_thread(part.end)):
                self.ledger.unexpected[problem] += 1

    def kill_all(self) -> None:
        """The parts that still run, ended at once; for where something failed."""
        for part in self.parts.values():
            if part.lives and part.alive:
                part.kill()

    async def _carry_out(self, step: Step) -> None:
        self.say(f"{self.at_s:7.0f} s  {step.kind}: {' '.join(step.what)}{self._place(step)}")
        try:
            async with asyncio.timeout(_STEP_S):
                match step.kind:
                    case "load":
                        await operations.change_load(self, step.what)
                    case "inject":
                        await operations.inject(self, step.what)
                    case "rough":
                        await faults.rough(self, step.what[0], self._node(step))
                    case "kill":
                        await faults.kill_part(self, step.what[0], self._node(step))
                    case "stall":
                        await self._stall(step.lasts_s)
        except TimeoutError:
            self.ledger.unexpected[f"{step.kind} {step.what[0]} took longer than {_STEP_S:.0f} s"] += 1
        except Exception as error:  # noqa: BLE001 - an act that fails is a finding, and the others go on
            self.ledger.unexpected[f"{step.kind} {step.what[0]}: {error!r}"] += 1

    def _node(self, step: Step) -> NodeSide:
        return tuple(self.nodes.values())[step.node % len(self.nodes)]

    def _place(self, step: Step) -> str:
        return f" of {self._node(step).name}" if step.kind in ("rough", "kill") else ""

    async def _stall(self, seconds: float) -> None:
        self.stalling.stalled.set()
        self.ledger.stalls += 1
        try:
            # It fills by itself, and sooner by screens that open and close.
            with suppress(OSError):
                self.stalling.press(b"?\x1b" * 8)
            await asyncio.sleep(seconds)
        finally:
            self.stalling.stalled.clear()

    async def _measure(self) -> None:
        for number in range(1, 1_000_000):
            await asyncio.sleep(max(0.0, number * _ROW_S - self.at_s))
            await asyncio.to_thread(self._note_row)

    def _note_row(self) -> None:
        row = self._figures.row(self.at_s, self.load, len(self.ledger.injected))
        self.rows.append(row)
        with (self.directory / "rows.jsonl").open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(asdict(row))}\n")

    async def _look_for_deaths(self) -> None:
        """Start a part again that has ended by itself, which is a finding."""
        while True:
            await asyncio.sleep(_LOOK_S)
            for part in self.parts.values():
                if part.name not in self.busy and not part.alive:
                    self.ledger.unexpected[f"{part.name} ended by itself"] += 1
                    self.say(f"{self.at_s:7.0f} s  {part.name} ended by itself")
                    part.note_end()
                    await self.restart(part)

    async def restart(self, part: Part) -> None:
        """Start a part that has ended; the console that collects cases gets the switch set."""
        self.busy.add(part.name)
        try:
            await asyncio.to_thread(part.start)
            if part is self.console_a:
                await operations.collect_cases(self)
        finally:
            self.busy.discard(part.name)
