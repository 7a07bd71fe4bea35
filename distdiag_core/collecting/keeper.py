"""The dataset on this machine: finished cases are written to it, and what it has is counted, off the loop."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.collecting.recovery import recover
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.statistics_cache import DatasetInventory
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.collecting.notes import Notes, OpenStretch
    from distdiag_core.dataset.case import Case
    from distdiag_core.dataset.statistics import Statistics
    from distdiag_core.recording.journal import Journal

# What cannot be written, on a disk that is full for instance, waits; more than this is let go of, and told.
_WAITING = 20
_AGAIN_S = 5.0
# To look at every case at every tick would be more work than all the rest.
_LOOK_EVERY_TICKS = 5


class Keeper:
    """Writes to `directory`, one case after the other, and to `notes` what is not finished.

    Attributes:
        finished: cases written so far.
        statistics: of the whole dataset; None until it was first read.
        problem: why something could not be written or read; empty where all could.
    """

    def __init__(self, directory: Path, notes: Notes, journal: Journal, balance_points: float) -> None:
        self._directory = directory
        self._notes = notes
        self._unfinished: tuple[OpenStretch, ...] = ()
        self._journal = journal
        self._inventory = DatasetInventory(directory, balance_points)
        self._waiting: deque[Case] = deque()
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._ticks = 0
        self.finished = 0
        self.statistics: Statistics | None = None
        self.problem = ""

    def keep(self, case: Case) -> None:
        """Write a finished case as soon as possible."""
        if len(self._waiting) == _WAITING:
            lost = self._waiting.popleft()
            self._journal.note("error", f"the case {lost.name} is lost: {self.problem}", level="error")
        self._waiting.append(case)
        self._wake.set()

    def look(self, unfinished: tuple[OpenStretch, ...]) -> None:
        """A tick has passed: somebody else may have changed the dataset meanwhile, and this is `unfinished`."""
        if unfinished != self._unfinished or self._ticks % _LOOK_EVERY_TICKS == 0:
            self._wake.set()
        self._unfinished = unfinished
        self._ticks += 1

    def close(self) -> None:
        """Nothing more comes: `run` ends when what waits is written, or cannot be."""
        self._unfinished = ()
        self._closing.set()
        self._wake.set()

    async def run(self) -> None:
        """Write and count, until closed; at first, what consoles that were killed had not finished."""
        try:
            for words in await asyncio.to_thread(lambda: list(recover(self._notes, self._directory))):
                self._journal.note("action", words, level="warning")
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

    async def _catch_up(self) -> None:
        try:
            while self._waiting:
                case = replace(self._waiting[0], name=case_directory.free_name(self._waiting[0].name, self._directory))
                await asyncio.to_thread(case_directory.write, case, self._directory)
                self._waiting.popleft()
                self._told(case)
            # After the cases: what is not finished any more is written by now.
            await asyncio.to_thread(self._notes.write, self._unfinished)
            self.statistics = await asyncio.to_thread(self._inventory.statistics)
            self.problem = self._inventory.problem
        except DistdiagError as error:
            self._fail(str(error))

    def _told(self, case: Case) -> None:
        self.finished += 1
        mark = f"; excluded from training: {case.excluded}" if case.excluded else ""
        self._journal.note("action", f"the case {case.name} is in the dataset{mark}", case=case.name)

    def _fail(self, problem: str) -> None:
        if problem != self.problem:
            self._journal.note("error", problem, level="error")
        self.problem = problem
