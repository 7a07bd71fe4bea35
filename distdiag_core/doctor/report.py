"""The checks of the nodes of a cluster, with their results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """The result of a check: `limited` where something stays off, `fail` where the node cannot be watched."""

    PASSED = "pass"
    LIMITED = "limited"
    FAILED = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a node.

    Attributes:
        found: what there is, or why it is refused.
        costs: what stays off or unknown, a sentence each.
        fixes: lines that grant or install what is missing, or advice where no line can.
    """

    name: str
    result: Result
    found: str
    costs: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeReport:
    """The checks of one node, or of the host that benchmark clients run on."""

    node: str
    host: str
    checks: tuple[Check, ...]

    @property
    def watchable(self) -> bool:
        """Whether no check failed."""
        return all(check.result is not Result.FAILED for check in self.checks)


@dataclass(frozen=True, slots=True)
class ClusterReport:
    """The reports of all nodes in the order of the cluster file, and that of the load host.

    Attributes:
        servers: the cluster's own list of servers beside the cluster file; None where no database was reached.
        tenants: the tenants that the account sees; None likewise.
    """

    cluster: str
    nodes: tuple[NodeReport, ...]
    load_host: NodeReport
    servers: Check | None = None
    tenants: Check | None = None

    @property
    def of_cluster(self) -> tuple[Check, ...]:
        """The checks of the cluster as a whole."""
        return tuple(check for check in (self.servers, self.tenants) if check is not None)

    @property
    def watchable(self) -> bool:
        """Whether every node can be watched."""
        return all(node.watchable for node in self.nodes)


def graded(name: str, found: str, costs: tuple[str, ...] = (), fixes: tuple[str, ...] = ()) -> Check:
    """A check that is passed where nothing is lost, and limited where something is."""
    return Check(name, Result.LIMITED if costs else Result.PASSED, found, costs, fixes if costs else ())
