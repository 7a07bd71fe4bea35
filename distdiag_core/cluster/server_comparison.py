"""The cluster's own list of servers, as one of its nodes gives it, beside the cluster file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.cluster.server_list import differences, list_servers, node_addresses
from distdiag_core.errors import DataError, UnreachableError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.node import Node
    from distdiag_core.cluster.server_list import Difference, ServerList

# The list is the same on every server; a few are asked where the first do not give it.
_MOST_ASKED = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """A list of servers and where the cluster file differs from it.

    Attributes:
        asked: the node that gave the list.
    """

    listed: ServerList
    asked: str
    differences: tuple[Difference, ...]


async def compare(nodes: Sequence[Node]) -> Comparison | None:
    """The comparison of the file with the list of the first node that gives one; None where no database is reached.

    Raises:
        NoServerListError: the database has none, as one that stands alone.
        UnsupportedError, UnreachableError, DataError: no node gives one.
    """
    reached = [node for node in nodes if node.database.connected]
    failure: UnsupportedError | UnreachableError | DataError | None = None
    for node in reached[:_MOST_ASKED]:
        user = node.settings.sql.user if node.settings.sql is not None else ""
        try:
            listed = await list_servers(node.database, user)
        except (UnsupportedError, UnreachableError, DataError) as error:
            failure = error
            continue
        # The only server of its cluster knows no others, and says of itself no more than a loopback address.
        wrong = await _differences(listed, nodes, reached) if listed.shared else ()
        return Comparison(listed, node.settings.name, wrong)
    if failure is not None:
        raise failure
    return None


async def _differences(listed: ServerList, nodes: Sequence[Node], reached: Sequence[Node]) -> tuple[Difference, ...]:
    found = await asyncio.gather(
        *(node_addresses(each.settings, each.database if each in reached else None) for each in nodes)
    )
    addresses = {each.settings.name: known for each, known in zip(nodes, found, strict=True)}
    return differences(listed, [each.settings for each in nodes], addresses)
