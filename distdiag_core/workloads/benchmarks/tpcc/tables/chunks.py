"""The initial rows in chunks; each chunk is loaded and recorded as loaded in one transaction.

So a load that is interrupted anywhere, even by `kill -9`, leaves complete chunks and resumes with the missing ones.
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

# The warehouse of chunks of items, which belong to none.
NO_WAREHOUSE = 0
_CHUNK_ROWS = 10_000
# A statement of 100 to 250 KB.
_BATCH_ROWS = 500
# Expected number; the actual one is random.
_LINES_AN_ORDER = 10
# Fixed, so that the rows are the same in every load.
_SEED = 511


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are loaded in one transaction.

    Attributes:
        part: name of the chunk within the warehouse, for instance `stock from 10001`.
        start: first item, or district.
        rows: approximate number of rows.
    """

    warehouse: int
    part: str
    table: str
    start: int
    rows: int

    @property
    def key(self) -> tuple[int, str]:
        """Key of its record."""
        return self.warehouse, self.part

    def batches(self, scale: Scale) -> Iterator[tuple[str, list[str]]]:
        """Generate the rows in batches: the table, and rows as SQL literals."""
        random = Random(f"{_SEED} {self.warehouse} {self.part}")  # noqa: S311 - contents of tables
        for table, of_table in _content(self, random, scale):
            several = iter(of_table)
            while batch := list(islice(several, _BATCH_ROWS)):
                yield table, batch


def load_constants(scale: Scale) -> Constants:
    """The constants C of NURand for the load."""
    return Constants.of_load(scale, Random(_SEED))  # noqa: S311 - contents of tables


def of_warehouses(warehouses: Iterable[int], scale: Scale) -> list[Chunk]:
    """The chunks of some warehouses, after those of the items."""
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
    """The rows of a chunk by table."""
    key = chunk.warehouse, chunk.start
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
            yield "customer", initial_rows.customers(random, key, scale, load_constants(scale))
            yield "history", initial_rows.history(random, key, scale)
        case _:
            made = list(initial_rows.orders(random, key, scale))
            yield "orders", (order for order, _ in made)
            yield "order_line", (line for _, lines in made for line in lines)
            yield "new_order", initial_rows.new_orders(key, scale)
