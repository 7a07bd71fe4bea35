"""The agent on a remote load host: `distdiag workload agent`, started there over SSH by `remote_load_host`.

It prints a line with its version, then answers each line of its standard input, a request in JSON, with a line of JSON.
Requests contain passwords, and therefore come through the standard input alone.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from distdiag_core import __version__, errors
from distdiag_core.errors import DistdiagError
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
        return json.dumps({"answer": await _answer(host, json.loads(request))})
    except DistdiagError as error:
        return json.dumps({"error": type(error).__name__, "what": error.what, "where": error.where, "hint": error.hint})
    except (ValueError, KeyError, TypeError) as error:
        return json.dumps({"error": "DataError", "what": f"the question is not understood: {error!r}"})


async def _answer(host: LocalLoadHost, request: dict[str, Any]) -> object:
    match request["ask"]:
        case "require":
            await host.require(str(request["kind"]))
        case "launch":
            await host.launch(ClientJob.decode(json.dumps(request["job"]).encode()))
        case "end":
            await host.end(request["ids"])
        case "look":
            return encode(host.snapshot())
        case "past":
            return asdict(await host.past())
        case unknown:
            raise ValueError(f"nothing is called {unknown!r}")
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


def decode(data: dict[str, Any]) -> LoadSnapshot:
    """Parse what `encode` serialized."""
    clients = tuple(
        ClientStatus(
            run_from(each["run"]),
            bool(each["alive"]),
            str(each["note"]),
            None if each["figures"] is None else report_line.decode(each["figures"]),
        )
        for each in data["clients"]
    )
    return LoadSnapshot(clients, tuple(map(str, data["damaged"])))


def error_from(answer: dict[str, Any], where: str) -> DistdiagError:
    """The error of an answer, as it was raised on the load host."""
    kind = getattr(errors, str(answer["error"]), DistdiagError)
    if not (isinstance(kind, type) and issubclass(kind, DistdiagError)):
        kind = DistdiagError
    there = str(answer.get("where", ""))
    return kind(str(answer["what"]), where=f"{where}: {there}" if there else where, hint=str(answer.get("hint", "")))
