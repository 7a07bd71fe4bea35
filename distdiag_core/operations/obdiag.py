"""Evidence by obdiag, asked for on purpose: one call at a time, within the rules and with a record in the audit."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.status import NodeState
from distdiag_core.errors import DataError, DistdiagError, RefusedError
from distdiag_core.obdiag import program
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.gate import Gate, Permission
from distdiag_core.recording.journal import Journal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.obdiag.call import Call
    from distdiag_core.obdiag.evidence import ObdiagEvidence
    from distdiag_core.obdiag.sysstat_archive import SysstatHistory

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)")
# Of this account alone, and not older than this call.
_CLEAN = (
    "find /tmp -maxdepth 1 -name 'sysstat_*_??????????????*' -user \"$(id -un)\" -newermt @{began}"
    " -print -exec rm -rf -- '{{}}' +"
)

_OPERATIONS = {"looks": "check by obdiag", "collects": "run obdiag", "changes": "start a job by obdiag"}


class Obdiag:
    """Calls of obdiag for one cluster. A check only looks; a scene collects logs in files on the nodes."""

    def __init__(self, nodes: Cluster, journal: Journal, gate: Gate) -> None:
        self._nodes = nodes
        self._journal = journal
        self._gate = gate

    async def run(
        self, call: Call, *, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> ObdiagEvidence:
        """Run a check or a scene to its end, and read what it found; cancelled, it ends the program.

        Args:
            tell: called with what obdiag does, when that changes.

        Raises:
            RefusedError: a rule forbids it, or obdiag already runs for this cluster.
            DistdiagError: obdiag is not installed, fails, takes too long, or its answer cannot be read.
        """
        name = _OPERATIONS[call.effect]
        async with self._gate.operation(name, (), confirmed, call=call.title, env=list(call.env)) as facts:
            facts["asked"] = asked = self._asked()
            found = await program.run(
                self._nodes.settings, call, nodes=asked, database=self._database(asked), tell=tell
            )
            facts["found"] = str(found)
        self._journal.note("action", f"obdiag: {found}", obdiag=call.title)
        return found

    async def gather_sysstat(
        self, *, confirmed: str = "", scheduled: bool = False, tell: Callable[[str], None] | None = None
    ) -> tuple[SysstatHistory, ...]:
        """The history of tsar on every node; what obdiag leaves on them is removed, whatever its end.

        Args:
            scheduled: because the cluster file names the source, by which it is confirmed for that cluster.
            tell: called with what obdiag does, when that changes.

        Raises:
            RefusedError: a rule forbids it, or obdiag already runs for this cluster.
            DistdiagError: a node cannot be reached, or as of `run`.
        """
        confirmed = self._nodes.settings.name if scheduled else confirmed
        async with self._gate.operation("gather by obdiag", (), confirmed, scheduled=scheduled) as facts:
            facts["asked"] = asked = self._asked()
            clocks = {name: await self._clock(name) for name in asked}
            offsets_s = {name: offset_s for name, (_, offset_s) in clocks.items()}
            try:
                found = await program.gather_sysstat(
                    self._nodes.settings, utc_offsets_s=offsets_s, database=self._database(asked), tell=tell
                )
            finally:
                facts["removed"] = {name: await self._clean(name, began) for name, (began, _) in clocks.items()}
        if not scheduled:
            text = f"obdiag: the history of tsar of {len(found)} nodes"
            self._journal.note("action", text, obdiag="gather sysstat")
        return found

    async def _clock(self, name: str) -> tuple[int, float]:
        """The time of a node in whole seconds since the epoch, and what its local time is ahead of UTC."""
        said = (await self._nodes.node(name).shell.run("date '+%s %z'")).check().stdout.split()
        if len(said) != 2 or not (match := _OFFSET.fullmatch(said[1])) or not said[0].isdecimal():
            raise DataError("the answer of date cannot be read", where=name)
        ahead_s = float(int(match[2]) * 3600 + int(match[3]) * 60)
        return int(said[0]), -ahead_s if match[1] == "-" else ahead_s

    async def _clean(self, name: str, began: int) -> list[str]:
        """Remove what obdiag has left on a node since a moment of its clock; it removes no directory itself."""
        try:
            return (await self._nodes.node(name).shell.run(_CLEAN.format(began=began))).check().stdout.split()
        except DistdiagError as error:
            self._journal.note("error", f"{name}: what obdiag left in /tmp is not removed: {error}", level="warning")
            return []

    def _asked(self) -> list[str]:
        """The nodes that obdiag is told of: those that nothing is ever done to are not among them."""
        settings = self._nodes.settings
        protected = settings.section(Protection).nodes
        asked = [node.name for node in settings.nodes if node.name not in protected]
        if not asked:
            where = f"cluster {settings.name}, key protect.nodes"
            raise RefusedError("obdiag: no node is left that may be touched", where=where)
        return asked

    def _database(self, asked: list[str]) -> str:
        """A node whose database answers, where that is known; the first one otherwise."""
        up = [each.node for each in self._nodes.statuses() if each.state is NodeState.UP and each.node in asked]
        return (up or asked)[0]


@asynccontextmanager
async def connect_obdiag(
    settings: ClusterSettings, permission: Permission | None = None, *, shells: bool = False
) -> AsyncGenerator[Obdiag]:
    """`Obdiag` without a running console; obdiag makes its connections itself.

    Args:
        shells: with connections to the nodes as well, which gathering wants.
    """
    journal, nodes = Journal(), Cluster(settings, sql=False)
    auditor = Auditor(settings.name, nodes, journal)
    await auditor.look()
    async with nodes if shells else nullcontext():
        yield Obdiag(nodes, journal, Gate(settings, auditor, permission))
