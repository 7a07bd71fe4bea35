"""Injections as leases on a node, begun, listed and ended by a shell program that is sent along with every request."""

from __future__ import annotations

import math
import re
import shlex
import time
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from distdiag_core.anomalies import payload
from distdiag_core.anomalies.backend import BACKENDS, BackendKind
from distdiag_core.anomalies.injection import SEVERITIES, Injection, InjectionState, Severity
from distdiag_core.anomalies.listing import Cleared, Listing
from distdiag_core.anomalies.planner import make_step, parse_survey, survey_command, values_of
from distdiag_core.errors import CommandFailedError, DataError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.anomalies.backend import Backend, BackendContext
    from distdiag_core.anomalies.catalogue import Anomaly
    from distdiag_core.anomalies.injection import InjectionRequest, Step
    from distdiag_core.cluster.account import SqlAccount
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.shell import Shell

# Read whole before it runs: it keeps a copy of itself with the lease, and what it starts cannot eat its input. Where a
# connection breaks while it is sent, nothing runs: the trouble may have arrived, and what undoes it not.
_END = "#=."
_LOADER = f"""\
program=$(cat)
case $program in *'{_END}') eval "$program" ;; *) echo 'only a part of the request has arrived' >&2; exit 1 ;; esac"""
_PROGRAM = (
    "lease_basics.sh",
    "lease_places.sh",
    "lease_processes.sh",
    "lease_life.sh",
    "lease_supervisor.sh",
    "lease_lists.sh",
    "lease.sh",
)
# Behind the lists of our own account, where those of root are kept from us: why.
_UNASKED = "unasked="
# Never asks for a password: there is nobody to type it.
_SUDO = ("sudo", "-n")
_LIST_S = 5.0
_SURVEY_S = 10.0
# The node kills, undoes and proves; under an injection it does that slowly, and to start a database or to drop indexes
# takes it half a minute. A node that is gone is known to be so by its connection, long before.
_CLEAR_S = 45.0
# What is to begin and arrives later was held up on its way, and would end later than the operator was told.
_ARRIVAL_S = 10
# A supervisor that is this late is not coming.
_GRACE_S = 10
# In the answer of a node.
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_ANSWERS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Lease:
    """One injection as its node reports it; what a damaged lease does not say is empty.

    Attributes:
        node: the name that the console which began it has for the node.
        age_s, remaining_s: by the node's own clock.
        progress: the last report of the programs of the injection.
        failure: why undoing it failed.
    """

    id: str
    anomaly: str = ""
    severity: str = ""
    node: str = ""
    owner: str = ""
    method: str = ""
    age_s: int = 0
    remaining_s: int = 0
    supervised: bool = False
    progress: str = ""
    failure: str = ""


class Leases:
    """The leases on one node: a `Backend`."""

    def __init__(self, shell: Shell, directory: str = "", account: SqlAccount | None = None) -> None:
        self.place = shell.node
        self._shell = shell
        self._directory = directory
        self._account = account

    async def plan(self, request: InjectionRequest, anomaly: Anomaly, node: NodeSettings, name: str) -> Step:
        """The first method that the node can do, with every value filled in."""
        values = values_of(request, anomaly, node, name)
        output = await self._run(survey_command(anomaly.methods, values), "", _SURVEY_S, "survey of what it can do")
        return make_step(anomaly, node.name, parse_survey(output, node.name), values)

    async def start(self, step: Step, request: InjectionRequest, owner: str, listing: Listing) -> None:
        """Arm a lease, start the injection and prove its effect; what cannot be proved is undone on the node.

        Raises:
            CommandFailedError: it could not be started, or had no effect.
            DataError: the listing does not give the node's uptime.
        """
        what = f"{request.anomaly} by {step.method}"
        latest_s = self._latest_s(listing, what)
        about = {
            "anomaly": request.anomaly,
            "severity": request.severity,
            "node": step.node,
            "owner": owner,
            # The key of the leases, also of those that older consoles read.
            "way": step.method,
        }
        commands = step.commands
        files = {
            "about": "\n".join(f"{key}={value}" for key, value in about.items()),
            "setup": "\n".join(commands[:-1] if step.lasts else commands),
            "run": commands[-1] if step.lasts else "",
            "check": "\n".join(step.check),
            "undo": "\n".join(step.undo),
            "gone": "\n".join(step.gone),
        } | {name: payload.text_of(name) for name in step.files}
        if step.account and self._account is not None:
            files["account"] = await self._account.option_file()
        arguments = (step.id, str(step.patience_s), str(latest_s), str(math.ceil(request.duration_s)))
        await self._ask("start", arguments, files, sudo=step.sudo, timeout_s=step.patience_s + _CLEAR_S, what=what)

    def _latest_s(self, listing: Listing, what: str) -> int:
        """The uptime of the node after which it starts nothing; unlike its clock, nobody sets that."""
        if listing.uptime_s is None:
            raise DataError("the node did not give its uptime", where=f"{self.place}: {what}")
        return listing.uptime_s + int(time.monotonic() - listing.answered_s) + _ARRIVAL_S

    async def list(self) -> Listing:
        """The injections on the node now."""
        report, incomplete = _split(await self._ask("list", (), timeout_s=_LIST_S))
        lists, uptime_s = parse(report, self.place)
        return Listing(self._injections(lists), incomplete, uptime_s)

    async def clear(self, ids: Iterable[str]) -> Cleared:
        """End these injections, and bar those that are not there from ever starting."""
        return await self._cleared("clear", ids)

    async def clear_all(self, expected: Iterable[str] = ()) -> Cleared:
        """End all injections, and bar those that are `expected` but not there yet."""
        return await self._cleared("clear_all", expected)

    async def _cleared(self, verb: str, ids: Iterable[str]) -> Cleared:
        report, incomplete = _split(await self._ask(verb, ids, timeout_s=_CLEAR_S))
        lists, uptime_s = parse(report, self.place)
        if len(lists) % 2:
            raise DataError("the answer is incomplete", where=f"{self.place}: leases")
        # Two lists for our own account, and two for root where we may become root.
        return Cleared(self._injections(lists[::2]), Listing(self._injections(lists[1::2]), incomplete, uptime_s))

    def _injections(self, lists: Iterable[Iterable[Lease]]) -> tuple[Injection, ...]:
        # Nodes that share a machine share its leases; each is the one's that it was made for.
        now_s = time.time()
        leases = chain.from_iterable(lists)
        return tuple(injection_of(lease, lease.node or self.place, now_s) for lease in leases)

    async def _ask(
        self,
        verb: str,
        arguments: Iterable[str],
        files: Mapping[str, str] | None = None,
        *,
        sudo: bool = False,
        timeout_s: float,
        what: str = "leases",
    ) -> str:
        command = shlex.join(
            [*(_SUDO if sudo else ()), "sh", "-c", _LOADER, "distdiag-lease", self._directory, verb, *arguments]
        )
        program = "".join((*map(payload.text_of, _PROGRAM), payload.comments(files or {}), f"{_END}\n"))
        return await self._run(command, program, timeout_s, what)

    async def _run(self, command: str, stdin: str, timeout_s: float, what: str) -> str:
        """What it prints; the command is a screenful, so errors tell the operator `what` it is instead."""
        where = f"{self.place}: {what}"
        try:
            result = await self._shell.run(command, stdin=stdin, timeout_s=timeout_s)
        except TimedOutError as error:
            raise TimedOutError(error.what, where=where) from error
        if result.status != 0:
            said = result.stderr.strip().rpartition("\n")[2]
            raise CommandFailedError(said or f"exit status {result.status}", where=where)
        return result.stdout


def _split(output: str) -> tuple[str, str]:
    """The lists in an answer, and why those of root are not among them; empty where they are."""
    report, refusal, why = output.partition(f"\n{_UNASKED}")
    return report, f"sudo refuses to tell of root's leases: {why.strip()}" if refusal else ""


def parse(report: str, node: str) -> tuple[list[tuple[Lease, ...]], int | None]:
    """The lists that a node printed, and its uptime in seconds; None where it does not say.

    A lease ends with an empty line, and a list with its time and a dot.

    Raises:
        DataError: the answer is incomplete or malformed.
    """
    lists: list[tuple[Lease, ...]] = []
    leases: list[Lease] = []
    facts: dict[str, str] = {}
    uptime_s: int | None = None
    # Not `splitlines`, which also splits at characters that a text may contain.
    for line in report.removesuffix("\n").split("\n"):
        key, _, value = line.partition("=")
        if line == ".":
            lists.append(tuple(leases))
            leases = []
        elif not line:
            leases.append(_lease(facts, node))
            facts = {}
        elif key == "uptime_s" and not facts:
            uptime_s = int(value) if value.isascii() and value.isdigit() else None
        else:
            facts[key] = value
    if leases or facts or not lists:
        raise DataError("the answer is incomplete", where=f"{node}: leases", hint="ask again")
    return lists, uptime_s


def _lease(facts: dict[str, str], node: str) -> Lease:
    if not facts.get("id"):
        raise DataError(f"not a lease: {facts!r}", where=f"{node}: leases")
    age_s, remaining_s, supervised = (facts.get(key, "") for key in ("age_s", "remaining_s", "supervised"))
    # One damaged lease must not hide the others.
    damaged = not (_NUMBER.fullmatch(age_s) and _NUMBER.fullmatch(remaining_s) and supervised in _ANSWERS)
    return Lease(
        id=facts["id"],
        anomaly=facts.get("anomaly", ""),
        severity=facts.get("severity", ""),
        node=facts.get("node", ""),
        owner=facts.get("owner", ""),
        method=facts.get("way", ""),
        age_s=0 if damaged else int(age_s),
        remaining_s=0 if damaged else int(remaining_s),
        supervised=supervised == "yes",
        progress=facts.get("progress", ""),
        failure=facts.get("trouble", "") or ("its record is damaged" if damaged else ""),
    )


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
    if lease.failure:
        return InjectionState.ORPHANED, lease.failure
    if not lease.supervised:
        return InjectionState.ORPHANED, "its supervisor is gone, so that nothing ends it"
    if lease.remaining_s < -_GRACE_S:
        return InjectionState.ORPHANED, f"its deadline passed {-lease.remaining_s} s ago"
    if lease.remaining_s <= 0:
        return InjectionState.CLEARING, ""
    said = (f"by {lease.method}" if lease.method else "", lease.progress)
    return InjectionState.ACTIVE, "; ".join(filter(None, said))


def _severity(text: str) -> Severity:
    # The worst, where a damaged lease does not say.
    return next((severity for severity in SEVERITIES if severity == text), "high")


def _make(context: BackendContext) -> dict[str, Backend]:
    return {
        name: Leases(shell, context.lease_directory, context.accounts.get(name))
        for name, shell in context.shells.items()
    }


BACKENDS.register(BackendKind("ssh", "by commands on the nodes, over SSH", _make))
