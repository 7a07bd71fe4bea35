"""Evidence by obdiag, asked for on purpose: one call at a time, within the rules and with a record in the audit."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.status import NodeState
from distdiag_core.errors import RefusedError
from distdiag_core.obdiag import program
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.gate import Gate, Permission
from distdiag_core.recording.journal import Journal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.obdiag.call import Call
    from distdiag_core.obdiag.evidence import ObdiagEvidence


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
        name = "run obdiag" if call.changes else "check by obdiag"
        async with self._gate.operation(name, (), confirmed, call=call.title, env=list(call.env)) as facts:
            facts["asked"] = asked = self._asked()
            found = await program.run(
                self._nodes.settings, call, nodes=asked, database=self._database(asked), tell=tell
            )
            facts["found"] = str(found)
        self._journal.note("action", f"obdiag: {found}", obdiag=call.title)
        return found

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
async def connect_obdiag(settings: ClusterSettings, permission: Permission | None = None) -> AsyncGenerator[Obdiag]:
    """`Obdiag` without a running console; obdiag makes its connections itself."""
    journal, nodes = Journal(), Cluster(settings)
    auditor = Auditor(settings.name, nodes, journal)
    await auditor.look()
    yield Obdiag(nodes, journal, Gate(settings, auditor, permission))
