"""The campaign file: anomalies to record, with their nodes, repeats and loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from distdiag_core.anomalies.injection import Severity  # noqa: TC001 - the validation of the file reads it
from distdiag_core.campaign import problems
from distdiag_core.campaign.load import NO_LOAD, Load
from distdiag_core.errors import quoted
from distdiag_core.settings import loader
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.workloads.workload_request import WorkloadRequest

# Campaigns of the previous release under another name, still found for one release.
RENAMED = {"normal-life": "normal-operation"}


def current_name(name: str) -> str:
    """The name of a campaign in this release; that of several together is theirs, joined by dots."""
    return ".".join(RENAMED.get(part, part) for part in name.split("."))


@dataclass(frozen=True, slots=True)
class CaseInjection:
    """One anomaly on one node at a severity."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    anomaly: str
    node: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Product:
    """Every anomaly on every node at every severity, one at a time."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    anomalies: tuple[str, ...]
    nodes: tuple[str, ...]
    severities: tuple[Severity, ...]

    def __post_init__(self) -> None:
        """Refuse empty lists."""
        problems.refuse(problems.empty(anomalies=self.anomalies, nodes=self.nodes, severities=self.severities))


@dataclass(frozen=True, slots=True)
class Rotating:
    """An anomaly that each repeat puts on the next nodes of the cluster, at the next of its severities.

    Attributes:
        nodes: how many at once.
        offset: how many nodes after the first one of the scenario its own begin; without it, all anomalies of a
            scenario begin at the same node.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    anomaly: str
    nodes: int | Literal["all"] = 1
    severities: tuple[Severity, ...] = ("medium", "high")
    offset: int = 0

    def __post_init__(self) -> None:
        """Refuse empty lists and values out of bounds."""
        counted = 1 if self.nodes == "all" else self.nodes
        problems.refuse(
            problems.empty(severities=self.severities),
            problems.at_least(1, nodes=counted),
            problems.at_least(0, offset=self.offset),
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """Anomalies to record: `each` of a product, several `together`, or some that `rotate` from case to case.

    Attributes:
        loads: dealt out in turn, so that every anomaly is recorded under each of them.
        name: the scenario of its cases; without one, the names of the anomalies.
        category: of scenarios that are evaluated together.
        repeats: how often all of it is recorded.
        before_s, during_s, after_s: the parts of a case, in seconds.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    loads: tuple[str, ...]
    name: str = ""
    category: str = ""
    each: Product | None = None
    together: tuple[CaseInjection, ...] = ()
    rotate: tuple[Rotating, ...] = ()
    repeats: int = 1
    before_s: float = 20.0
    during_s: float = 25.0
    after_s: float = 20.0

    def __post_init__(self) -> None:
        """Refuse contradictions, empty lists and values out of bounds."""
        problems.refuse(self._problems())

    @property
    def length_s(self) -> float:
        """The seconds of one case."""
        return self.before_s + self.during_s + self.after_s

    def _problems(self) -> Iterator[str]:
        if sum(map(bool, (self.each, self.together, self.rotate))) != 1:
            yield "give either `each` (a product), `together` (a list) or `rotate` (a list), and only one of them"
        yield from problems.unfit_names(*filter(None, [self.name]))
        places = [(each.anomaly, each.node) for each in self.together]
        if len(set(places)) < len(places):
            yield "`together` names an anomaly twice on one node"
        yield from problems.empty(loads=self.loads)
        yield from problems.at_least(1, repeats=self.repeats)
        yield from problems.at_least(1.0, before_s=self.before_s, during_s=self.during_s, after_s=self.after_s)


@dataclass(frozen=True, slots=True)
class Normal:
    """A stretch without anomalies; with several loads, the change from one to the next is a part of it.

    Attributes:
        for_s: seconds under each load.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    loads: tuple[str, ...]
    for_s: float
    repeats: int = 1

    def __post_init__(self) -> None:
        """Refuse contradictions, empty lists and values out of bounds."""
        problems.refuse(
            problems.empty(loads=self.loads),
            problems.at_least(1, repeats=self.repeats),
            problems.at_least(1.0, for_s=self.for_s),
        )

    @property
    def length_s(self) -> float:
        """The seconds of one case."""
        return self.for_s * len(self.loads)


@dataclass(frozen=True, slots=True)
class Campaign:
    """The content of a campaign file.

    Attributes:
        name: of the campaign; a directory of cases belongs to one name and seed.
        seed: of the order of the cases.
        loads: by name; `none` is always there.
        settle_s: seconds after a change of load that are not called normal.
        recovery_s: the same after an anomaly.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    seed: int
    loads: dict[str, Load]
    scenarios: tuple[Scenario, ...] = ()
    normal: tuple[Normal, ...] = ()
    settle_s: float = 15.0
    recovery_s: float = 5.0
    tables: int = SysbenchOptions().tables
    table_size: int = SysbenchOptions().table_size

    def __post_init__(self) -> None:
        """Refuse loads that are undefined or contradict each other, and values out of bounds."""
        problems.refuse(self._problems())

    def request(self, load: str, nodes: tuple[str, ...]) -> WorkloadRequest:
        """The workload request of a load on these nodes."""
        return self.loads[load].request(nodes, self._usual)

    def tables_of(self, load: str) -> tuple[object, ...]:
        """The kind and the table options of a load; equal for loads that share their tables."""
        return self.loads[load].kind, *self.loads[load].tables(self._usual)

    @property
    def _usual(self) -> dict[str, int]:
        return {"tables": self.tables, "table_size": self.table_size}

    def _problems(self) -> Iterator[str]:
        yield from problems.unfit_names(self.name, *self.loads)
        if NO_LOAD in self.loads:
            yield f"the load `{NO_LOAD}` is built in and cannot be defined"
        if not self.scenarios and not self.normal:
            yield "there are neither scenarios nor normal stretches"
        parts = [*(scenario.loads for scenario in self.scenarios), *(normal.loads for normal in self.normal)]
        used = {load for loads in parts for load in loads}
        for load in sorted(used - self.loads.keys() - {NO_LOAD}):
            yield f"the load {quoted(load)} is used but not defined; defined: {', '.join([*self.loads, NO_LOAD])}"
        yield from problems.at_least(0.0, settle_s=self.settle_s, recovery_s=self.recovery_s)
        yield from problems.at_least(1, tables=self.tables, table_size=self.table_size)
        made: dict[str, set[tuple[object, ...]]] = {}
        for name, each in self.loads.items():
            made.setdefault(each.kind, set()).add(self.tables_of(name))
        for kind in sorted(kind for kind, table_sets in made.items() if len(table_sets) > 1):
            yield f"the loads of {kind} want different tables, and there can be only one set of them"


def load(path: Path) -> Campaign:
    """Read and validate the campaign file at `path`.

    Raises:
        ConfigError: names every problem in the file, one a line.
    """
    return loader.load(path, Campaign)
