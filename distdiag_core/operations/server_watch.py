"""The watch over the servers of the cluster: once a minute its own list is compared with the cluster file."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from distdiag_core.cluster.server_comparison import compare
from distdiag_core.cluster.server_list import NoServerListError
from distdiag_core.cluster.status import LinkState
from distdiag_core.errors import DistdiagError, UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cluster.cluster import Cluster
    from distdiag_core.cluster.server_list import Difference
    from distdiag_core.recording.journal import Journal

EVERY_S = 60.0
_FIRST_S = 5.0
# Of a large cluster whose file is old, every server differs.
_MOST_EVENTS = 10

log = logging.getLogger(__name__)


class ServerWatch:
    """Notes in the journal what the cluster file has otherwise than the cluster, and when that is over.

    Attributes:
        known: the differences of the last look.
    """

    def __init__(self, nodes: Cluster, journal: Journal) -> None:
        self._nodes = nodes
        self._journal = journal
        self.known: tuple[Difference, ...] = ()
        self._told = ""

    async def run(self) -> None:
        """Look soon after a database is reached and then each minute, until cancelled."""
        while True:
            asked = await self.look()
            await asyncio.sleep(EVERY_S if asked else _FIRST_S)

    async def look(self) -> bool:
        """Compare once; False where no database could be asked yet."""
        reached = [node for node in self._nodes.nodes if node.status.sql.state is LinkState.UP]
        if not reached:
            return False
        try:
            found = await compare(self._nodes.nodes)
        except NoServerListError:
            return True
        except UnreachableError as error:
            # The link says it, and is made anew; the next look comes soon.
            log.info("the list of servers: %s", error)
            return False
        except DistdiagError as error:
            if error.what != self._told:
                self._told = error.what
                self._journal.note("node", f"changes of the cluster's servers go unnoticed: {error}")
            return True
        if found is not None:
            self._compare(found.differences)
        return found is not None

    def _compare(self, found: tuple[Difference, ...]) -> None:
        new = [each for each in found if each not in self.known]
        over = [each for each in self.known if each not in found]
        self.known = found
        for each in new[:_MOST_EVENTS]:
            text = f"{each.what}; {each.fix}" if each.fix else each.what
            self._journal.note("node", text, level="warning", node=each.node or None, fix=each.fix)
        if len(new) > _MOST_EVENTS:
            text = f"{len(new) - _MOST_EVENTS} more servers differ from the cluster file; `distdiag doctor` lists them"
            self._journal.note("node", text, level="warning")
        for each in over[:_MOST_EVENTS]:
            self._journal.note("node", f"no longer so: {each.what}", node=each.node or None)
