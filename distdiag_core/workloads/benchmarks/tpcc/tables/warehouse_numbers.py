"""The numbers of the warehouses, and the node that each belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from distdiag_core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class WarehouseNumbers:
    """Consecutive numbers for the warehouses of all nodes, in the order of the cluster file.

    A warehouse belongs to the same node whichever nodes a run names, and numbers are unique in the cluster, so that
    nodes which share their tables load disjoint parts of them.

    Attributes:
        nodes: all nodes of the cluster.
        per_node: number of warehouses per node.
    """

    nodes: tuple[str, ...]
    per_node: int

    def __post_init__(self) -> None:
        if self.per_node < 1:
            raise ConfigError(f"a node has at least one warehouse, not {self.per_node}", where="tpcc")

    def of(self, node: str) -> range:
        """The numbers of the warehouses of `node`."""
        first = self.nodes.index(node) * self.per_node + 1
        return range(first, first + self.per_node)
