"""What a kubelet does for `kubectl exec` and `kubectl port-forward`: commands run here, in a session of their own.

As with a real one, the end of the connection closes the input of a command and does not end it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.kubernetes_api.spdy import Session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from tests.kubernetes_api.spdy import Stream

_NO_SHELL = (
    "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: "
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "{0}": stat {0}: '
    "no such file or directory: unknown"
)


@dataclass
class Container:
    """The container of a pod, which is this machine as far as `programs` go.

    Attributes:
        programs: the one directory on its PATH; None for those of this machine.
        lacks: programs that are asked for by their path and are not there.
        started: commands that are running, or have run.
        ports: where its ports are on this machine.
        hearing: cleared while nothing that its commands print arrives.
    """

    programs: Path | None = None
    lacks: frozenset[str] = frozenset()
    started: list[Process] = field(default_factory=list)
    ports: dict[int, int] = field(default_factory=dict)
    sessions: set[asyncio.StreamWriter] = field(default_factory=set)
    hearing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.hearing.set()

    @property
    def running(self) -> list[Process]:
        """The commands that have not ended."""
        return [each for each in self.started if each.returncode is None]

    async def end(self) -> None:
        """The pod is gone: its commands are killed, and its connections break."""
        for process in self.running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        for writer in self.sessions:
            writer.transport.abort()

    async def start(self, command: list[str]) -> Process | None:
        """Run `command`; None where the container has no such program."""
        if command[0] in self.lacks:
            return None
        environment = dict(os.environ) | ({"PATH": str(self.programs)} if self.programs is not None else {})
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True, env=environment
        )
        self.started.append(process)
        return process


async def execute(
    container: Container,
    command: list[str],
    wanted: set[str],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Serve one exec over an upgraded connection.

    Args:
        wanted: the streams that the client will open: error, and those of stdin, stdout and stderr that it asked for.
    """
    streams: dict[str, Stream] = {}
    complete = asyncio.Event()

    async def opened(stream: Stream) -> None:
        streams[stream.headers["streamtype"]] = stream
        if wanted <= set(streams):
            complete.set()

    container.sessions.add(writer)
    running = asyncio.create_task(_run(container, command, streams, complete))
    await Session(reader, writer, opened).serve()
    container.sessions.discard(writer)
    if not complete.is_set():
        running.cancel()
    await asyncio.wait((running,))


async def forward(container: Container, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one port-forward over an upgraded connection."""
    going_on: set[asyncio.Task[None]] = set()
    errors: dict[str, Stream] = {}

    async def opened(stream: Stream) -> None:
        if stream.headers["streamtype"] == "error":
            errors[stream.headers["requestid"]] = stream
            return
        task = asyncio.create_task(_tunnel(container, stream, errors[stream.headers["requestid"]]))
        going_on.add(task)
        task.add_done_callback(going_on.discard)

    container.sessions.add(writer)
    await Session(reader, writer, opened).serve()
    container.sessions.discard(writer)
    for task in going_on:
        task.cancel()


async def _run(container: Container, command: list[str], streams: dict[str, Stream], complete: asyncio.Event) -> None:
    await complete.wait()
    process = await container.start(command)
    if process is None:
        await _finish(
            streams, {"status": "Failure", "message": _NO_SHELL.format(command[0]), "reason": "InternalError"}
        )
        return
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise AssertionError("started without pipes")
    feeding = asyncio.create_task(_feed(streams.get("stdin"), process.stdin))
    await asyncio.gather(
        _copy(container, process.stdout.read, streams["stdout"]),
        _copy(container, process.stderr.read, streams.get("stderr")),
    )
    status = await process.wait()
    feeding.cancel()
    await _finish(streams, _status(status))


def _status(status: int) -> Mapping[str, object]:
    if status == 0:
        return {"metadata": {}, "status": "Success"}
    code = status if status > 0 else 128 - status
    return {
        "metadata": {},
        "status": "Failure",
        "reason": "NonZeroExitCode",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


async def _finish(streams: dict[str, Stream], status: Mapping[str, object]) -> None:
    await streams["error"].send(json.dumps(status).encode())
    for stream in streams.values():
        await stream.close()


async def _feed(stream: Stream | None, stdin: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while stream is not None and (data := await stream.incoming.read(65536)):
            stdin.write(data)
            await stdin.drain()
        stdin.close()


async def _copy(container: Container, read: Callable[[int], Awaitable[bytes]], stream: Stream | None) -> None:
    while data := await read(65536):
        await container.hearing.wait()
        if stream is not None:
            await stream.send(data)


async def _tunnel(container: Container, stream: Stream, error: Stream) -> None:
    port = int(stream.headers["port"])
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", container.ports.get(port, port))
    except OSError as failure:
        await error.send(f"error forwarding port {port} to pod: {failure}".encode(), end=True)
        await stream.close()
        return
    await error.close()
    feeding = asyncio.create_task(_feed(stream, writer))
    try:
        await _copy(container, reader.read, stream)
        await stream.close()
    finally:
        feeding.cancel()
        writer.close()
