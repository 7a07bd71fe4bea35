"""Injections as leases on a node, begun, listed and ended by a shell program that is sent along with every request."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import SEVERITIES, Injection, InjectionState, Severity
from distdiag_core.errors import CommandFailedError, DataError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.anomalies.injection import InjectionRequest, Step
    from distdiag_core.cluster.shell import Shell

_FILES = Path(__file__).resolve().parent.parent / "node"
# Read whole before it runs: it keeps a copy of itself with the lease, and what it starts cannot eat its input.
_LOADER = 'program=$(cat); eval "$program"'
# How long an effect may take to show on a node that is busy already.
_PATIENCE_S = 15
_LIST_S = 5.0
_SURVEY_S = 10.0
# The node kills, undoes and proves; under an injection it does that slowly.
_CLEAR_S = 15.0
# A supervisor that is this late is not coming.
_GRACE_S = 10


@dataclass(frozen=True, slots=True)
class Lease:
    """One injection as its node reports it; what a damaged lease does not say is empty.

    Attributes:
        node: the name that the console which began it has for the node.
        age_s, remaining_s: by the node's own clock.
        trouble: why its undoing failed.
    """

    id: str
    anomaly: str = ""
    severity: str = ""
    node: str = ""
    owner: str = ""
    way: str = ""
    age_s: int = 0
    remaining_s: int = 0
    supervised: bool = False
    trouble: str = ""


class Leases:
    """The leases on one node."""

    def __init__(self, shell: Shell, directory: str = "") -> None:
        self.node = shell.node
        self._shell = shell
        self._directory = directory

    async def survey(self, command: str) -> str:
        """What `command` prints."""
        return await self._run(command, "", _SURVEY_S, "survey of what it can do")

    async def start(self, step: Step, request: InjectionRequest, owner: str) -> None:
        """Arm a lease, begin the trouble and prove its effect; what cannot be proved is undone on the node.

        Raises:
            CommandFailedError: it could not be begun, or had no effect.
        """
        about = {
            "anomaly": request.anomaly, "severity": request.severity, "node": step.node, "owner": owner, "way": step.way
        }  # fmt: skip
        commands = step.commands
        files = {
            "about": "\n".join(f"{key}={value}" for key, value in about.items()),
            "setup": "\n".join(commands[:-1] if step.lasts else commands),
            "run": commands[-1] if step.lasts else "",
            "check": "\n".join(step.check),
            "undo": "\n".join(step.undo),
            "gone": "\n".join(step.gone),
        } | {name: (_FILES / name).read_text(encoding="utf-8") for name in step.files}
        duration_s = math.ceil(request.duration_s)
        arguments = (step.id, str(_PATIENCE_S), str(duration_s), *(part for file in files.items() for part in file))
        what = f"{request.anomaly} by {step.way}"
        await self._ask("start", arguments, timeout_s=_PATIENCE_S + _CLEAR_S, what=what)

    async def list(self) -> tuple[Lease, ...]:
        """Those that are there now."""
        return parse(await self._ask("list", (), timeout_s=_LIST_S), self.node)[0]

    async def clear(self, ids: Iterable[str]) -> tuple[tuple[Lease, ...], tuple[Lease, ...]]:
        """End these, and bar those that are not there from ever beginning.

        Returns:
            All that were there before, and all that are still there.
        """
        return await self._cleared("clear", ids)

    async def clear_all(self, expected: Iterable[str] = ()) -> tuple[tuple[Lease, ...], tuple[Lease, ...]]:
        """End all, and bar those that are `expected` but not there yet; those before, and those still there."""
        return await self._cleared("clear_all", expected)

    async def _cleared(self, verb: str, ids: Iterable[str]) -> tuple[tuple[Lease, ...], tuple[Lease, ...]]:
        lists = parse(await self._ask(verb, ids, timeout_s=_CLEAR_S), self.node)
        if len(lists) != 2:
            raise DataError("the answer is incomplete", where=f"{self.node}: leases")
        return lists[0], lists[1]

    async def _ask(self, verb: str, arguments: Iterable[str], *, timeout_s: float, what: str = "leases") -> str:
        command = shlex.join(["sh", "-c", _LOADER, "distdiag-lease", self._directory, verb, *arguments])
        program = (_FILES / "lease.sh").read_text(encoding="utf-8")
        return await self._run(command, program, timeout_s, what)

    async def _run(self, command: str, stdin: str, timeout_s: float, what: str) -> str:
        """What it prints; the command is a screenful, so errors tell the operator `what` it is instead."""
        where = f"{self.node}: {what}"
        try:
            result = await self._shell.run(command, stdin=stdin, timeout_s=timeout_s)
        except TimedOutError as error:
            raise TimedOutError(error.what, where=where) from error
        if result.status != 0:
            lines = result.stderr.strip().splitlines()
            raise CommandFailedError(lines[-1] if lines else f"exit status {result.status}", where=where)
        return result.stdout


def parse(output: str, node: str) -> list[tuple[Lease, ...]]:
    """The lists in what the node printed: leases end with an empty line, a list with a dot.

    Raises:
        DataError: that is not what it is.
    """
    lists: list[tuple[Lease, ...]] = []
    leases: list[Lease] = []
    facts: dict[str, str] = {}
    for line in output.splitlines():
        if line == ".":
            lists.append(tuple(leases))
            leases = []
        elif not line:
            leases.append(_lease(facts, node))
            facts = {}
        else:
            key, _, value = line.partition("=")
            facts[key] = value
    if leases or facts or not lists:
        raise DataError("the answer is incomplete", where=f"{node}: leases", hint="ask again")
    return lists


def _lease(facts: dict[str, str], node: str) -> Lease:
    try:
        return Lease(
            id=facts["id"],
            anomaly=facts.get("anomaly", ""),
            severity=facts.get("severity", ""),
            node=facts.get("node", ""),
            owner=facts.get("owner", ""),
            way=facts.get("way", ""),
            age_s=int(facts["age_s"]),
            remaining_s=int(facts["remaining_s"]),
            supervised=facts["supervised"] == "yes",
            trouble=facts.get("trouble", ""),
        )
    except (KeyError, ValueError) as error:
        raise DataError(f"not a lease: {facts!r}", where=f"{node}: leases") from error


def injection_of(lease: Lease, node: str, now_s: float) -> Injection:
    """What a lease on `node` means to us; `now_s` is our clock, in seconds since the epoch."""
    state, detail = _state(lease)
    return Injection(
        id=lease.id,
        anomaly=lease.anomaly or "unknown",
        node=node,
        severity=_severity(lease.severity),
        state=state,
        started_s=now_s - lease.age_s,
        deadline_s=now_s + lease.remaining_s,
        owner=lease.owner or "unknown",
        detail=detail,
    )


def _state(lease: Lease) -> tuple[InjectionState, str]:
    if lease.trouble:
        return InjectionState.ORPHANED, lease.trouble
    if not lease.supervised:
        return InjectionState.ORPHANED, "its supervisor is gone, so that nothing ends it"
    if lease.remaining_s < -_GRACE_S:
        return InjectionState.ORPHANED, f"its deadline passed {-lease.remaining_s} s ago"
    if lease.remaining_s <= 0:
        return InjectionState.CLEARING, ""
    return InjectionState.ACTIVE, f"by {lease.way}" if lease.way else ""


def _severity(text: str) -> Severity:
    # The worst, where a damaged lease does not say.
    return next((severity for severity in SEVERITIES if severity == text), "high")
