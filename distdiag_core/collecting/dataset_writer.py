"""The writer of the dataset: builds ended cases from the recording and writes them, in threads, off the loop."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.collecting.recovery import recover
from distdiag_core.dataset.building.exclusion import InvalidCaseError
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.case_files.statistics_cache import DatasetInventory
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.collecting.unfinished_cases import UnfinishedCases
    from distdiag_core.dataset.building.case_builder import CaseBuilder
    from distdiag_core.dataset.building.case_timeline import CaseTimeline
    from distdiag_core.dataset.case import Case
    from distdiag_core.dataset.statistics import Statistics
    from distdiag_core.recording.journal import Journal

_AGAIN_S = 5.0
# Counting all cases at every tick would take longer than everything else.
_COUNT_EVERY_TICKS = 5


class DatasetWriter:
    """Writes cases to `directory`, one after the other, and counts the dataset.

    A case that cannot be written, on a full disk for instance, waits as a timeline, and is noted as unfinished.

    Args:
        builder: None where nothing is recorded, and so no case can be made.

    Attributes:
        finished: cases written so far.
        statistics: of the whole dataset; None until it was first read.
        problem: why something cannot be written or read; empty where all can.
    """

    def __init__(
        self,
        directory: Path,
        builder: CaseBuilder | None,
        unfinished: UnfinishedCases,
        journal: Journal,
        balance_points: float,
    ) -> None:
        self._directory = directory
        self._builder = builder
        self._unfinished = unfinished
        self._journal = journal
        self._inventory = DatasetInventory(directory, balance_points)
        self._open: tuple[CaseTimeline, ...] = ()
        self._waiting: deque[CaseTimeline] = deque()
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._ticks = 0
        self.finished = 0
        self.statistics: Statistics | None = None
        self.problem = ""

    @property
    def can_build(self) -> bool:
        """Whether there is a recording to make cases from."""
        return self._builder is not None

    def add(self, timeline: CaseTimeline) -> None:
        """Build and write an ended case as soon as possible."""
        self._waiting.append(timeline)
        self._wake.set()

    def on_tick(self, open_cases: tuple[CaseTimeline, ...]) -> None:
        """Note the cases that are open now, and count the dataset now and then, since others may change it."""
        if open_cases != self._open or self._ticks % _COUNT_EVERY_TICKS == 0:
            self._wake.set()
        self._open = open_cases
        self._ticks += 1

    def close(self) -> None:
        """Nothing more comes: `run` ends once what waits is written, or cannot be."""
        self._open = ()
        self._closing.set()
        self._wake.set()

    async def run(self) -> None:
        """Recover the cases of killed consoles, then write and count until closed."""
        try:
            for text in await asyncio.to_thread(lambda: list(recover(self._unfinished, self._directory))):
                self._journal.note("action", text, level="warning")
        except DistdiagError as error:
            self._fail(str(error))
        while not self._closing.is_set():
            await self._wake.wait()
            self._wake.clear()
            await self._catch_up()
            if self.problem:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_AGAIN_S):
                        await self._closing.wait()
        await self._catch_up()
        for timeline in self._waiting:
            text = f"the case {timeline.name} is not in the dataset: {self.problem}; the next console builds it"
            self._journal.note("error", text, level="error")

    async def _catch_up(self) -> None:
        try:
            # Before the cases are built, which may take long, and again when they are in the dataset.
            await self._note_unfinished()
            while self._waiting:
                await self._write_next(self._waiting[0])
                self._waiting.popleft()
            await self._note_unfinished()
            self.statistics = await asyncio.to_thread(self._inventory.statistics)
            self.problem = self._inventory.problem
        except DistdiagError as error:
            self._fail(str(error))

    async def _note_unfinished(self) -> None:
        await asyncio.to_thread(self._unfinished.write, (*self._waiting, *self._open))

    async def _write_next(self, timeline: CaseTimeline) -> None:
        try:
            case = await asyncio.to_thread(self._build_and_write, timeline)
        except InvalidCaseError as error:
            self._journal.note("error", f"the case {timeline.name} is lost: {error}", level="error")
            return
        self.finished += 1
        mark = f"; excluded from training: {case.excluded}" if case.excluded else ""
        self._journal.note("action", f"the case {case.name} is in the dataset{mark}", case=case.name)

    def _build_and_write(self, timeline: CaseTimeline) -> Case:
        if self._builder is None:
            raise InvalidCaseError("nothing is recorded")
        case = self._builder.build(timeline)
        # Another console may have written a case of that name.
        case = replace(case, name=case_directory.free_name(case.name, self._directory))
        case_directory.write(case, self._directory)
        return case

    def _fail(self, problem: str) -> None:
        if problem != self.problem:
            self._journal.note("error", problem, level="error")
        self.problem = problem
