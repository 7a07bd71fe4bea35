"""The other end of a generator that is not this machine: `distdiag workload outpost`, started there over SSH.

It answers one question a line, both in JSON, until its input ends. What it is told may hold passwords, which is why it
is told through its standard input alone. It begins with a line that says which distdiag it is.
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
from distdiag_core.workloads.clients.local_load_host import ClientStatus, LoadSnapshot, LocalLoadHost
from distdiag_core.workloads.clients.run_files import run_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def hello() -> str:
    """The first line."""
    return json.dumps({"distdiag": __version__})


def serve(cluster: str, questions: Iterable[str], answer: Callable[[str], None]) -> None:
    """Answer until there are no more questions."""
    host = LocalLoadHost(cluster)
    answer(hello())
    with asyncio.Runner() as runner:
        for question in questions:
            answer(runner.run(_answered(host, question)))


async def _answered(host: LocalLoadHost, question: str) -> str:
    try:
        return json.dumps({"answer": await _answer(host, json.loads(question))})
    except DistdiagError as error:
        return json.dumps({"error": type(error).__name__, "what": error.what, "where": error.where, "hint": error.hint})
    except (ValueError, KeyError, TypeError) as error:
        return json.dumps({"error": "DataError", "what": f"the question is not understood: {error!r}"})


async def _answer(host: LocalLoadHost, question: dict[str, Any]) -> object:
    match question["ask"]:
        case "require":
            await host.require(str(question["kind"]))
        case "launch":
            await host.launch(ClientJob.decode(json.dumps(question["job"]).encode()))
        case "end":
            await host.end(question["ids"])
        case "look":
            return encode(host.snapshot())
        case "past":
            return asdict(await host.past())
        case unknown:
            raise ValueError(f"nothing is called {unknown!r}")
    return None


def encode(snapshot: LoadSnapshot) -> dict[str, object]:
    """What was seen, as JSON can carry it."""
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
    """The opposite of `encode`."""
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


def raised(answer: dict[str, Any], where: str) -> DistdiagError:
    """The error that an answer tells of, as it was raised at the other end."""
    kind = getattr(errors, str(answer["error"]), DistdiagError)
    if not (isinstance(kind, type) and issubclass(kind, DistdiagError)):
        kind = DistdiagError
    told = str(answer.get("where", ""))
    return kind(str(answer["what"]), where=f"{where}: {told}" if told else where, hint=str(answer.get("hint", "")))
