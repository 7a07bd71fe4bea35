"""The agent on a remote load host: `distdiag workload agent`, started there over SSH by `remote_load_host`.

It prints a line with its version, then answers each line of its standard input, a request in JSON, with a line of JSON.
Requests contain passwords, and therefore come through the standard input alone.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core import __version__, errors
from distdiag_core.errors import DataError, DistdiagError, quoted
from distdiag_core.settings import json_document
from distdiag_core.workloads import report_line
from distdiag_core.workloads.clients.client_job import ClientJob
from distdiag_core.workloads.clients.load_host import ClientStatus, LoadSnapshot
from distdiag_core.workloads.clients.local_load_host import LocalLoadHost
from distdiag_core.workloads.clients.run_files import run_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def hello() -> str:
    """The first line, with the version of distdiag."""
    return json.dumps({"distdiag": __version__})


def serve(cluster: str, requests: Iterable[str], answer: Callable[[str], None]) -> None:
    """Answer requests until the input ends."""
    host = LocalLoadHost(cluster)
    answer(hello())
    with asyncio.Runner() as runner:
        for request in requests:
            answer(runner.run(_answered(host, request)))


async def _answered(host: LocalLoadHost, request: str) -> str:
    try:
        return json.dumps(
            {"answer": await _answer(host, json_document.parse(request, _Question, where="the question"))}
        )
    except DistdiagError as error:
        return json.dumps({"error": type(error).__name__, "what": error.what, "where": error.where, "hint": error.hint})


@dataclass(frozen=True, slots=True)
class _Question:
    ask: str
    kind: str = ""
    job: dict[str, Any] | None = None
    ids: tuple[str, ...] | None = None


async def _answer(host: LocalLoadHost, question: _Question) -> object:
    match question.ask:
        case "require":
            await host.require(question.kind)
        case "launch" if question.job is not None:
            host.renew_leases()
            await host.launch(ClientJob.decode(json.dumps(question.job).encode()))
        case "end":
            await host.end(question.ids)
        case "look":
            host.renew_leases()
            return encode(host.snapshot())
        case "past":
            return asdict(await host.past())
        case unknown:
            raise DataError(f"the question {quoted(unknown)} is not understood")
    return None


def encode(snapshot: LoadSnapshot) -> dict[str, object]:
    """Serialize a snapshot as JSON data."""
    clients = [
        {
            "run": asdict(client.run),
            "alive": client.alive,
            "note": client.note,
            "figures": None if client.figures is None else report_line.encode(client.figures),
        }
        for client in snapshot.clients
    ]
    return {"clients": clients, "damaged": list(snapshot.damaged)}


@dataclass(frozen=True, slots=True)
class _ClientEntry:
    run: dict[str, Any]
    alive: bool
    note: str
    figures: str | None


@dataclass(frozen=True, slots=True)
class _SnapshotEntry:
    clients: tuple[_ClientEntry, ...]
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _ErrorEntry:
    error: str
    what: str
    where: str = ""
    hint: str = ""


def decode(data: object, where: str) -> LoadSnapshot:
    """Parse what `encode` serialized on the host `where`.

    Raises:
        DataError: it is no snapshot.
        ConfigError: the benchmark of a run or one of its options is unknown.
    """
    entry = json_document.checked(data, _SnapshotEntry, where=where)
    clients = tuple(
        ClientStatus(
            run_from(each.run, where),
            each.alive,
            each.note,
            None if each.figures is None else report_line.decode(each.figures),
        )
        for each in entry.clients
    )
    return LoadSnapshot(clients, entry.damaged)


def error_from(answer: object, where: str) -> DistdiagError:
    """The error of an answer, as it was raised on the load host.

    Raises:
        DataError: it is no error.
    """
    entry = json_document.checked(answer, _ErrorEntry, where=where)
    kind = getattr(errors, entry.error, DistdiagError)
    if not (isinstance(kind, type) and issubclass(kind, DistdiagError)):
        kind = DistdiagError
    return kind(entry.what, where=f"{where}: {entry.where}" if entry.where else where, hint=entry.hint)
