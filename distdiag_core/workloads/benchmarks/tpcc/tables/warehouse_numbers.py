"""Which node's clients work on which warehouses."""

from __future__ import annotations

from dataclasses import dataclass

from distdiag_core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class WarehouseNumbers:
    """Warehouses are numbered over all nodes of the cluster file, in its order.

    So a warehouse keeps its node whichever nodes a run names, and no two nodes ever hold a warehouse of the same
    number: where all nodes see the same tables, each loads its own share of them.

    Attributes:
        nodes: all of the cluster.
        each: warehouses a node.
    """

    nodes: tuple[str, ...]
    each: int

    def __post_init__(self) -> None:
        if self.each < 1:
            raise ConfigError(f"a node has at least one warehouse, not {self.each}", where="tpcc")

    def of(self, node: str) -> range:
        """The warehouses of `node`."""
        first = self.nodes.index(node) * self.each + 1
        return range(first, first + self.each)
