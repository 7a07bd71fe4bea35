"""The tables in chunks, each loaded in one transaction together with a note that it is there.

So a load that ends anywhere, even by `kill -9`, leaves whole chunks alone, and goes on with those that are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.tables import initial_rows
from distdiag_core.workloads.benchmarks.tpcc.tables.nurand import Constants
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import DISTRICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale

# Items belong to no warehouse.
NO_WAREHOUSE = 0
_CHUNK_ROWS = 10_000
# A statement of 100 to 250 KB.
_BATCH_ROWS = 500
# The number of order lines is known only once they are made.
_LINES_AN_ORDER = 10
# Rows are the same whenever and by whomever they are made.
_SEED = 511


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is loaded at once.

    Attributes:
        part: which part of the tables of the warehouse, for instance `stock from 10001`.
        start: the first item, or the district.
        rows: about how many there are.
    """

    warehouse: int
    part: str
    table: str
    start: int
    rows: int

    @property
    def key(self) -> tuple[int, str]:
        """What it is noted as."""
        return self.warehouse, self.part

    def batches(self, scale: Scale) -> Iterator[tuple[str, list[str]]]:
        """All of its rows: a table each time, and rows of it as SQL texts."""
        random = Random(f"{_SEED} {self.warehouse} {self.part}")  # noqa: S311 - it only fills tables
        for table, of_table in _content(self, random, scale):
            several = iter(of_table)
            while batch := list(islice(several, _BATCH_ROWS)):
                yield table, batch


def load_constants(scale: Scale) -> Constants:
    """C of the load."""
    return Constants.of_load(scale, Random(_SEED))  # noqa: S311 - it only fills tables


def of_warehouses(warehouses: Iterable[int], scale: Scale) -> list[Chunk]:
    """All that the warehouses need, the items first."""
    chunks = _by_items(NO_WAREHOUSE, "item", scale)
    for warehouse in warehouses:
        chunks.append(Chunk(warehouse, "warehouse and districts", "warehouse", 1, 1 + DISTRICTS))
        chunks += _by_items(warehouse, "stock", scale)
        for district in range(1, DISTRICTS + 1):
            chunks.append(Chunk(warehouse, f"customers of {district}", "customer", district, 2 * scale.customers))
            order_rows = scale.customers * (1 + _LINES_AN_ORDER) + scale.customers - scale.delivered
            chunks.append(Chunk(warehouse, f"orders of {district}", "orders", district, order_rows))
    return chunks


def _by_items(warehouse: int, table: str, scale: Scale) -> list[Chunk]:
    return [
        Chunk(warehouse, f"{table} from {start}", table, start, min(_CHUNK_ROWS, scale.items - start + 1))
        for start in range(1, scale.items + 1, _CHUNK_ROWS)
    ]


def _content(chunk: Chunk, random: Random, scale: Scale) -> Iterator[tuple[str, Iterable[str]]]:
    """The tables that a chunk has rows of, each with its rows."""
    place = chunk.warehouse, chunk.start
    ids = range(chunk.start, chunk.start + chunk.rows)
    match chunk.table:
        case "item":
            yield "item", initial_rows.items(random, ids)
        case "stock":
            yield "stock", initial_rows.stock(random, chunk.warehouse, ids)
        case "warehouse":
            yield "warehouse", [initial_rows.warehouse(random, chunk.warehouse, scale)]
            yield "district", initial_rows.districts(random, chunk.warehouse, scale)
        case "customer":
            yield "customer", initial_rows.customers(random, place, scale, load_constants(scale))
            yield "history", initial_rows.history(random, place, scale)
        case _:
            made = list(initial_rows.orders(random, place, scale))
            yield "orders", (order for order, _ in made)
            yield "order_line", (line for _, lines in made for line in lines)
            yield "new_order", initial_rows.new_orders(place, scale)
