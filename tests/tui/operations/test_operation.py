"""What becomes of an operation: its result, its failure, its cancellation, and a second one of its name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError, UnreachableError
from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.question import Answer, Question
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of, notifications

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Literal

    from textual.pilot import Pilot

    from tests.tui.conftest import Running


class Held:
    """Work that waits until it is let go.

    Attributes:
        begun: how often it has begun.
        ended: how often it has ended, also by being cancelled.
    """

    def __init__(self, failure: DistdiagError | None = None) -> None:
        self.let_go = asyncio.Event()
        self.begun = 0
        self.ended = 0
        self._failure = failure

    async def work(self) -> str:
        self.begun += 1
        try:
            await self.let_go.wait()
        finally:
            self.ended += 1
        if self._failure is not None:
            raise self._failure
        return "done"


def operation(
    results: list[object], while_running: Literal["refuse", "replace", "beside"] = "refuse"
) -> Operation[str]:
    """An operation that keeps its result."""
    return Operation("hold", "holding", results.append, while_running=while_running)


async def opened(pilot: Pilot[None]) -> Question:
    """A screen over the main one."""
    screen = Question("HOLD", ("Something is held.",), (Answer("stay", "Stay"),))
    app_of(pilot).push_screen(screen)
    await until(pilot, lambda: pilot.app.screen is screen)
    return screen


async def test_what_needs_no_core_stays_off_its_thread(running: Running) -> None:
    async with running(calm()) as pilot:
        results: list[object] = []

        async def work() -> str:
            return "done"

        app_of(pilot).current.run_in_background(operation(results), work)
        await until(pilot, lambda: results == ["done"])
        assert core_of(pilot).submitted == 0
        app_of(pilot).current.perform(operation(results), lambda runtime: runtime.cluster.name)
        await until(pilot, lambda: results == ["done", "lab"])
        assert core_of(pilot).submitted == 1


async def test_a_failure_that_nothing_handles_is_reported(running: Running) -> None:
    async with running(calm()) as pilot:
        held = Held(UnreachableError("no answer for 12 s", where="n2"))
        held.let_go.set()
        app_of(pilot).current.perform(operation([]), lambda _: held.work())
        await until(pilot, lambda: notifications(pilot) == ["holding: n2: no answer for 12 s"])


async def test_an_internal_error_is_handled_as_a_failure_too(running: Running) -> None:
    async with running(calm()) as pilot:
        failures: list[str] = []

        async def work() -> str:
            raise ZeroDivisionError("division by zero")

        broken = Operation[str]("hold", "holding", lambda _: None, lambda error: failures.append(str(error)))
        app_of(pilot).current.run_in_background(broken, work)
        await until(pilot, lambda: failures == ["internal error: ZeroDivisionError: division by zero"])
        await until(pilot, lambda: any("internal error in hold" in line for line in notifications(pilot)))


async def test_a_second_one_is_refused(running: Running) -> None:
    async with running(calm()) as pilot:
        held, results = Held(), list[object]()
        app_of(pilot).current.perform(operation(results), lambda _: held.work())
        await until(pilot, lambda: held.begun == 1)
        app_of(pilot).current.perform(operation(results), lambda _: held.work())
        await until(pilot, lambda: notifications(pilot) == ["holding: the last one is still under way"])
        held.let_go.set()
        await until(pilot, lambda: results == ["done"])
        assert held.begun == 1


async def test_a_second_one_replaces_the_first(running: Running) -> None:
    async with running(calm()) as pilot:
        first, second, results = Held(), Held(), list[object]()
        app_of(pilot).current.perform(operation(results, "replace"), lambda _: first.work())
        await until(pilot, lambda: first.begun == 1)
        app_of(pilot).current.perform(operation(results, "replace"), lambda _: second.work())
        await until(pilot, lambda: second.begun == 1 and len(app_of(pilot).current._pending) == 1)
        # What has begun on the nodes goes on; only its result is of no interest any more.
        assert first.ended == 0
        first.let_go.set()
        second.let_go.set()
        await until(pilot, lambda: first.ended == second.ended == 1 and not app_of(pilot).current._pending)
        await until(pilot, lambda: results == ["done"])


async def test_a_second_one_runs_beside_the_first(running: Running) -> None:
    async with running(calm()) as pilot:
        held, results = Held(), list[object]()
        for _ in range(2):
            app_of(pilot).current.perform(operation(results, "beside"), lambda _: held.work())
        await until(pilot, lambda: held.begun == 2)
        held.let_go.set()
        await until(pilot, lambda: results == ["done", "done"])


async def test_cancelling_ends_the_work_wherever_it_is_done(running: Running) -> None:
    async with running(calm()) as pilot:
        app, cancelled = app_of(pilot), list[str]()
        starts: tuple[Callable[[Operation[str], Held], None], ...] = (
            lambda each, held: app.current.perform(each, lambda _: held.work()),
            lambda each, held: app.current.run_in_background(each, held.work),
        )
        for count, start in enumerate(starts, 1):
            held, results = Held(), list[object]()
            start(Operation("hold", "holding", results.append, cancelled=lambda: cancelled.append("hold")), held)
            await until(pilot, lambda held=held: held.begun == 1)  # type: ignore[misc] # mypy cannot infer its default
            app.current.cancel("hold")
            await until(pilot, lambda count=count: cancelled == ["hold"] * count)  # type: ignore[misc] # the same
            assert held.ended == 1
            assert results == []
            assert notifications(pilot) == ["holding: called off"] * count


async def test_a_screen_that_has_closed_takes_no_result(running: Running) -> None:
    async with running(calm()) as pilot:
        screen, held, results = await opened(pilot), Held(), list[object]()
        app_of(pilot).current.perform(
            Operation[str]("hold", "holding", results.append, owner=screen), lambda _: held.work()
        )
        await until(pilot, lambda: held.begun == 1)
        await pilot.press("escape")
        held.let_go.set()
        await until(pilot, lambda: not app_of(pilot).current._pending)
        assert held.ended == 1
        assert results == []
        assert notifications(pilot) == []


async def test_a_failure_is_reported_by_the_app_when_its_screen_has_closed(running: Running) -> None:
    async with running(calm()) as pilot:
        failures: list[DistdiagError] = []

        def begin(held: Held, screen: Question) -> Awaitable[None]:
            each = Operation[str]("hold", "holding", lambda _: None, failures.append, owner=screen)
            app_of(pilot).current.run_in_background(each, held.work)
            return until(pilot, lambda: held.begun == 1)

        held, screen = Held(UnreachableError("no answer for 12 s", where="n2")), await opened(pilot)
        await begin(held, screen)
        held.let_go.set()
        await until(pilot, lambda: len(failures) == 1)
        assert notifications(pilot) == []

        held = Held(UnreachableError("connection lost", where="n3"))
        await begin(held, screen)
        await pilot.press("escape")
        held.let_go.set()
        await until(pilot, lambda: notifications(pilot) == ["holding: n3: connection lost"])
        assert len(failures) == 1
