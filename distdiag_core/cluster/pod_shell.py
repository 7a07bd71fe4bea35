"""Programs in a pod, each by a `kubectl exec` of its own; a long-lived one holds the link and says when it breaks.

What is run follows on standard input, as over SSH: arguments of exec become part of an address, which is short. The end
of a kubectl ends nothing in the pod, so that each program is found there by a tag among its arguments, and ended.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from distdiag_core.cluster import login_line, pods
from distdiag_core.cluster.kubectl import error_of
from distdiag_core.cluster.link import Held
from distdiag_core.cluster.shell import CommandResult, first_words
from distdiag_core.errors import DataError, DistdiagError, TimedOutError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.cluster.pods import Pod, PodAccess
    from distdiag_core.cluster.shell import RemoteProcess

# For kubectl to start, to find the pod and to be let in, beside what the command itself may take.
_START_S = 10.0
# A pod that falls silent is noticed after four intervals, as over SSH.
_ALIVE_EVERY_S = 3.0
_SILENT_S = 12.0
_END_S = 5.0
# Each is a process on the host of kubectl.
_AT_ONCE = 4

# Programs that a container may lack, and what that costs.
_COSTS = {
    "grep": "no metrics of the operating system",
    "ss": "no figures of TCP connections",
    "awk": "no figures of TCP connections",
    "python3": "no anomalies that a client of the database makes",
    "ps": "processes cannot be looked at by hand",
}
_HOLD = f"""
for each in {" ".join(_COSTS)}; do command -v $each >/dev/null 2>&1 || echo "lacks $each"; done
echo ready
while read -r line; do echo "$line"; done
"""
# The status is said by us: kubectl says 0 also where the connection broke.
_ENDED = "\ndistdiag ended "
_RUN = "(\n{command}\n)\nprintf '\\ndistdiag ended %s\\n' $? >&2"
_END = """
groups=
for each in $(grep -ls '[d]{tag}' /proc/[0-9]*/cmdline); do
    each=${{each#/proc/}}
    groups="$groups ${{each%/cmdline}}"
done
signal() {{ kill -s "$1" -- "-$each" 2>/dev/null || kill -s "$1" "$each" 2>/dev/null; }}
for each in $groups; do signal TERM; done
for each in $groups; do
    left=10
    while [ "$left" -gt 0 ] && signal 0; do left=$((left - 1)); sleep 0.1; done
    signal KILL
done
:
"""


class PodShell:
    """The shell of a node that is a pod; a pod that was scheduled anew is found when the link is made anew."""

    def __init__(self, access: PodAccess) -> None:
        self.node = access.node.name
        self.notes: tuple[str, ...] = ()
        self._access = access
        self._held: Held[Pod] = Held(f"{self.node}: kubectl")
        self._holding = AsyncExitStack()
        self._holder: RemoteProcess | None = None
        self._control_up = False
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._going_on: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Find the pod, and hold a program in it.

        Raises:
            UnreachableError: it failed; the reason is in plain words.
        """
        try:
            await self._release()
            if not self._control_up:
                await self._access.control.open()
                self._control_up = True
            pod = await self._access.find()
            await self._hold(pod)
        except Exception as error:
            failed = pods.unreachable(error) if isinstance(error, DistdiagError) else error
            self._held.drop(failed)
            raise failed from error
        self._held.take(pod)

    async def lost(self) -> str:
        """Wait until the program in the pod ends, or nothing is heard of it; why."""
        watching = asyncio.create_task(self._watch())
        control = asyncio.create_task(self._access.control.lost())
        try:
            await asyncio.wait({watching, control}, return_when=asyncio.FIRST_COMPLETED)
            if control.done():
                self._control_up = False
            reason = control.result() if control.done() else watching.result()
        finally:
            watching.cancel()
            control.cancel()
            await asyncio.wait({watching, control})
        self._held.drop(reason)
        return reason

    async def close(self) -> None:
        """End the program that holds the link, and what else we run in the pod."""
        self._held.drop("closed")
        await self._release()
        if self._going_on:
            await asyncio.wait(self._going_on)
        await self._access.control.close()
        self._control_up = False

    async def pod(self) -> Pod:
        """The pod that programs are run in.

        Raises:
            UnreachableError: there is none.
        """
        return await self._held.get()

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command` to its end; when it takes too long, or prints too much, it is ended."""
        pod, where = await self._held.get(), f"{self.node}: {first_words(command)}"
        tag = _tag()
        script = login_line.script_line(_RUN.format(command=command)).decode()
        async with self._gate, AsyncExitStack() as on_failure:
            on_failure.callback(self._end_later, pod, tag)
            try:
                result = await self._access.control.run(
                    self._line(pod, tag), stdin=script + stdin, timeout_s=timeout_s + _START_S
                )
            except TimedOutError:
                raise TimedOutError(f"no end within {timeout_s:g} s", where=where) from None
            except DataError as error:
                raise DataError(error.what, where=where, hint=error.hint) from error
            on_failure.pop_all()
        return self._result(command, result, where)

    @asynccontextmanager
    async def process(self, command: str) -> AsyncGenerator[RemoteProcess]:
        """Run `command` for as long as the context lasts, then end it."""
        pod = await self._held.get()
        async with self._started(pod, command) as program:
            yield program

    @asynccontextmanager
    async def _started(self, pod: Pod, command: str) -> AsyncGenerator[RemoteProcess]:
        tag = _tag()
        async with self._access.control.process(self._line(pod, tag)) as program:
            try:
                await self._begin(program, pod, command)
                yield program
            finally:
                self._end_later(pod, tag)

    async def _begin(self, program: RemoteProcess, pod: Pod, command: str) -> None:
        where = f"{self.node}: {first_words(command)}"
        try:
            async with asyncio.timeout(_START_S):
                line = await program.read_line()
                if line is not None and login_line.announced(f"{line}\n".encode()) is not None:
                    await program.write_line(login_line.script_line(command).decode().removesuffix("\n"))
                    return
        except TimeoutError:
            raise TimedOutError(f"kubectl exec does not get through within {_START_S:g} s", where=where) from None
        # What it said on standard error is lost, so it is asked again.
        result = await self._access.control.run(self._line(pod, _tag()), timeout_s=_START_S)
        raise pods.unreachable(error_of(result.status, result.stderr, where))

    def _line(self, pod: Pod, tag: str) -> str:
        container = f"--container={self._access.settings.container}"
        words = ("exec", "--stdin", pod.name, container, "--", "/bin/sh", "-c", login_line.SCRIPT, tag)
        return self._access.kubectl.command(*words, waits=True)

    def _result(self, command: str, result: CommandResult, where: str) -> CommandResult:
        first, _, stdout = result.stdout.partition("\n")
        if login_line.announced(f"{first}\n".encode()) is None:
            raise pods.unreachable(error_of(result.status, result.stderr, where))
        # The last, since the command may have run this script itself.
        stderr, mark, ended = result.stderr.rpartition(_ENDED)
        if not mark:
            raise UnreachableError("the connection broke before the command ended", where=where)
        return CommandResult(self.node, command, int(ended.partition("\n")[0]), stdout, stderr)

    async def _hold(self, pod: Pod) -> None:
        async with AsyncExitStack() as holding:
            program = await holding.enter_async_context(self._started(pod, _HOLD))
            lacks = await self._lacking(program, pod)
            self._holding = holding.pop_all()
        self._holder = program
        self.notes = tuple(
            f"the container {self._access.settings.container} of {pod.name} has no {each}: {_COSTS.get(each, '')}"
            for each in lacks
        )

    async def _lacking(self, program: RemoteProcess, pod: Pod) -> list[str]:
        """The programs that the container lacks, as the one that holds the link finds them."""
        lacks = []
        try:
            async with asyncio.timeout(_START_S):
                while (line := await program.read_line()) != "ready":
                    if line is None:
                        raise UnreachableError(f"the shell in the pod {pod.name} ended at once")
                    lacks.append(line.removeprefix("lacks "))
        except TimeoutError:
            raise TimedOutError(f"the shell in the pod {pod.name} does not answer within {_START_S:g} s") from None
        return lacks

    async def _watch(self) -> str:
        """Ask the program in the pod for a sign of life again and again; why there is none any more."""
        if self._holder is None:
            raise AssertionError("there is no connection to lose")
        asked = 0
        try:
            while True:
                asked += 1
                await self._holder.write_line(f"alive {asked}")
                async with asyncio.timeout(_SILENT_S):
                    line = await self._holder.read_line()
                if line is None:
                    return "kubectl exec ended: the pod has gone, or the connection to it"
                # The end of the pod is to be seen at once, so there is somebody who reads meanwhile.
                with suppress(TimeoutError):
                    async with asyncio.timeout(_ALIVE_EVERY_S):
                        if await self._holder.read_line() is None:
                            return "kubectl exec ended: the pod has gone, or the connection to it"
        except TimeoutError:
            return f"timed out: no sign of life for {_SILENT_S:g} s"
        except UnreachableError as error:
            return error.what

    async def _release(self) -> None:
        self._holder = None
        holding, self._holding = self._holding, AsyncExitStack()
        await holding.aclose()

    def _end_later(self, pod: Pod, tag: str) -> None:
        task = asyncio.create_task(self._end(pod, tag))
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def _end(self, pod: Pod, tag: str) -> None:
        """End the program with this tag and its children: politely, then after a second by force."""
        script = login_line.script_line(_END.format(tag=tag[1:])).decode()
        with suppress(DistdiagError):
            await self._access.control.run(self._line(pod, _tag()), stdin=script, timeout_s=_END_S)


def _tag() -> str:
    return f"distdiag-{secrets.token_hex(6)}"
