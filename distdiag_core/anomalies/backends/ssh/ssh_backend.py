"""The implementation of `Backend` by leases on a node, and its registration."""

from __future__ import annotations

import math
import shlex
import time
from itertools import chain
from typing import TYPE_CHECKING

from distdiag_core.anomalies import payload
from distdiag_core.anomalies.backend import BACKENDS, BackendKind
from distdiag_core.anomalies.backends.ssh.lease_report import injection_of, parse
from distdiag_core.anomalies.listing import Cleared, Listing
from distdiag_core.anomalies.planner import make_step, parse_survey, survey_command, values_of
from distdiag_core.errors import CommandFailedError, DataError, TimedOutError
from distdiag_core.metrics import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.anomalies.backend import Backend, BackendContext
    from distdiag_core.anomalies.backends.ssh.lease_report import Lease
    from distdiag_core.anomalies.catalogue import Anomaly
    from distdiag_core.anomalies.injection import Injection, InjectionRequest, Step
    from distdiag_core.cluster.account import SqlAccount
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.shell import Shell

# The program is read whole before it runs: it keeps a copy of itself with the lease, and what it starts cannot read its
# input. Where the connection breaks meanwhile, nothing runs, since the commands that undo may not have arrived.
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
# The last line of an answer, where root's leases could not be listed: the reason.
_UNASKED = "unasked="
# Without asking for a password, since nobody is there to type it.
_SUDO = ("sudo", "-n")
_LIST_S = 5.0
_SURVEY_S = 10.0
# The node kills, undoes and proves, slowly while the injection lasts; to start a database or to drop indexes takes half
# a minute. A node that is gone shows by its connection, long before.
_CLEAR_S = 45.0
# A request to start that arrives later was held up, and its injection would end later than the operator was told.
_ARRIVAL_S = 10


class SshBackend:
    """The leases on one node.

    Args:
        directory: where the node keeps them; empty for the usual place.
        account: of the database, for methods that need it.
    """

    def __init__(self, shell: Shell, directory: str = "", account: SqlAccount | None = None) -> None:
        self.place = shell.node
        self._shell = shell
        self._directory = directory
        self._account = account

    async def plan(self, request: InjectionRequest, anomaly: Anomaly, node: NodeSettings, name: str) -> Step:
        """The commands of the first method that is possible on the node."""
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
        # Nodes on one machine share its leases, and each lease names its node.
        now_s = clock.now_s()
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
        """The output of a command; errors name it by `what`, since the command itself fills a screen."""
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
    """The lists in an answer, and why those of root are missing; empty where they are not."""
    report, refusal, why = output.partition(f"\n{_UNASKED}")
    return report, f"sudo refuses to tell of root's leases: {why.strip()}" if refusal else ""


def _make(context: BackendContext) -> dict[str, Backend]:
    return {
        name: SshBackend(shell, context.lease_directory, context.accounts.get(name))
        for name, shell in context.shells.items()
    }


BACKENDS.register(BackendKind("ssh", "by commands on the nodes, over SSH", _make))
