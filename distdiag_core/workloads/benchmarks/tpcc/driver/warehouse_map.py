"""The map of the warehouses of a run: which database holds each, as seen from one node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pymysql

from distdiag_core.errors import DataError, UnreachableError
from distdiag_core.workloads.benchmarks.tpcc.tables.chunks import NO_WAREHOUSE
from distdiag_core.workloads.benchmarks.tpcc.tables.tpcc_schema import LOADED
from distdiag_core.workloads.benchmarks.tpcc.transactions.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.workloads.endpoint import Endpoint

_SELECT_LOADED = f"SELECT DISTINCT warehouse, node FROM {LOADED} WHERE warehouse <> %d"
_CLIENT_ERRORS = range(2000, 3000)


@dataclass(frozen=True, slots=True)
class WarehouseMap:
    """Warehouses of a run by the database that holds them, as seen from one node.

    Attributes:
        home: warehouses of the node itself.
        here: warehouses of other nodes in its database, where nodes share their tables.
        elsewhere: warehouses in another database, with the node that holds each.
        unreached: unreachable nodes, whose warehouses are left out.
    """

    home: tuple[int, ...]
    here: tuple[int, ...]
    elsewhere: dict[int, str]
    unreached: tuple[str, ...]


def discover(node: str, endpoints: Mapping[str, Endpoint]) -> WarehouseMap:
    """Query all nodes for their loaded warehouses.

    Raises:
        DataError: no warehouse was loaded for `node`.
        UnreachableError: the database of `node` cannot be reached.
        pymysql.err.Error: the database of `node` refused the query.
    """
    seen = _loaded(node, endpoints[node])
    home = tuple(warehouse for warehouse, of in seen.items() if of == node)
    if not home:
        raise DataError("there are no warehouses of this node", where=node, hint="prepare the workload first")
    here = {warehouse: of for warehouse, of in seen.items() if of != node and of in endpoints}
    elsewhere: dict[int, str] = {}
    unreached: list[str] = []
    for other in endpoints.keys() - {node, *here.values()}:
        try:
            found = _loaded(other, endpoints[other])
        except UnreachableError:
            unreached.append(other)
            continue
        elsewhere |= {warehouse: of for warehouse, of in found.items() if of == other}
    return WarehouseMap(home, tuple(here), elsewhere, tuple(sorted(unreached)))


def answers(node: str, endpoint: Endpoint) -> bool:
    """Whether the database can be queried and has warehouses of the node."""
    try:
        return node in _loaded(node, endpoint).values()
    except (UnreachableError, pymysql.err.Error):
        return False


def _loaded(node: str, endpoint: Endpoint) -> dict[int, str]:
    """The warehouses in a database, each with the node that it was loaded for."""
    session = Session(endpoint)
    try:
        (rows,) = session.run(_SELECT_LOADED % NO_WAREHOUSE)
    except pymysql.err.OperationalError as error:
        if error.args[0] in _CLIENT_ERRORS:
            raise UnreachableError(str(error.args[-1]), where=f"{node}: sql") from error
        raise
    finally:
        session.close()
    return {int(warehouse): str(of) for warehouse, of in rows}
