"""The campaign file: which anomalies are to be recorded, where, how often, and under which load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core import settings
from distdiag_core.anomalies.injection import Severity  # noqa: TC001 - the validation of the file reads it
from distdiag_core.workloads.sysbench.options import SysbenchOptions
from distdiag_core.workloads.workload import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The load of this name is always there: no clients at all.
NO_LOAD = "none"
# A case is cut out of the runtime's history, which goes back ten minutes.
LONGEST_CASE_S = 540.0
_NAME = re.compile(r"[A-Za-z0-9_.]+(-[A-Za-z0-9_.]+)*")


@dataclass(frozen=True, slots=True)
class Load:
    """A level of sysbench load, the same on every node.

    Attributes:
        threads: clients a node.
        rate: transactions a second and node that are offered; 0 for as fast as it goes.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    script: str = "oltp_read_write"
    threads: int = 4
    rate: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        _refuse(_at_least(1, threads=self.threads), _at_least(0, rate=self.rate))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One anomaly on one node at a severity."""

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    anomaly: str
    node: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Product:
    """Every anomaly on every node at every severity, one at a time."""

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    anomalies: tuple[str, ...]
    nodes: tuple[str, ...]
    severities: tuple[Severity, ...]

    def __post_init__(self) -> None:
        """Refuse what would come to nothing."""
        _refuse(_not_empty(anomalies=self.anomalies, nodes=self.nodes, severities=self.severities))


@dataclass(frozen=True, slots=True)
class Scenario:
    """Anomalies to be recorded: either `each` one of a product, or several `together`.

    Attributes:
        loads: dealt out in turn, so that every anomaly is seen under each of them.
        repeats: how often the whole is done.
        before_s, during_s, after_s: the parts of a case, in seconds.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    loads: tuple[str, ...]
    each: Product | None = None
    together: tuple[Wanted, ...] = ()
    repeats: int = 1
    before_s: float = 20.0
    during_s: float = 25.0
    after_s: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what cannot be, or would come to nothing."""
        _refuse(self._mistakes())

    @property
    def length_s(self) -> float:
        """Of one case."""
        return self.before_s + self.during_s + self.after_s

    def _mistakes(self) -> Iterator[str]:
        if (self.each is None) == (not self.together):
            yield "give either `each` (a product) or `together` (a list), and not both"
        places = [(wanted.anomaly, wanted.node) for wanted in self.together]
        if len(set(places)) < len(places):
            yield "`together` names an anomaly twice on one node"
        yield from _not_empty(loads=self.loads)
        yield from _at_least(1, repeats=self.repeats)
        yield from _at_least(1.0, before_s=self.before_s, during_s=self.during_s, after_s=self.after_s)
        yield from _too_long(self.length_s)


@dataclass(frozen=True, slots=True)
class Normal:
    """A stretch without anomalies; with several loads, the change from one to the next is a part of it.

    Attributes:
        for_s: seconds under each load.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    loads: tuple[str, ...]
    for_s: float
    repeats: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be, or would come to nothing."""
        _refuse(
            _not_empty(loads=self.loads),
            _at_least(1, repeats=self.repeats),
            _at_least(1.0, for_s=self.for_s),
            _too_long(self.length_s),
        )

    @property
    def length_s(self) -> float:
        """Of one case."""
        return self.for_s * len(self.loads)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A whole campaign file.

    Attributes:
        name: of the campaign, which its directory of cases belongs to.
        seed: of the order of the cases.
        loads: by name; `none` is always there.
        settle_s: how long a new load is given before what is seen counts as normal.
        recovery_s: the same after an anomaly.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

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
        """Refuse what does not fit together."""
        _refuse(self._mistakes())

    @property
    def options(self) -> SysbenchOptions:
        """Of the tables that every load works on."""
        return SysbenchOptions(self.tables, self.table_size)

    def request(self, load: str, nodes: tuple[str, ...]) -> WorkloadRequest:
        """What a load means on a cluster of these nodes."""
        asked = self.loads[load]
        return WorkloadRequest(
            script=asked.script, nodes=nodes, threads=asked.threads, rate=asked.rate, options=self.options
        )

    def _mistakes(self) -> Iterator[str]:
        for name in (self.name, *self.loads):
            if not _NAME.fullmatch(name):
                yield f"{name!r} is no name: letters, digits, `_`, `.` and single `-` between them"
        if NO_LOAD in self.loads:
            yield f"the load `{NO_LOAD}` is built in and cannot be defined"
        if not self.scenarios and not self.normal:
            yield "there are neither scenarios nor normal stretches"
        parts = [*(scenario.loads for scenario in self.scenarios), *(normal.loads for normal in self.normal)]
        used = {load for loads in parts for load in loads}
        for load in sorted(used - self.loads.keys() - {NO_LOAD}):
            yield f"the load {load!r} is used but not defined; defined: {', '.join([*self.loads, NO_LOAD])}"
        yield from _at_least(0.0, settle_s=self.settle_s, recovery_s=self.recovery_s)
        yield from _at_least(1, tables=self.tables, table_size=self.table_size)


def load(path: Path) -> Campaign:
    """Read and validate the campaign file at `path`.

    Raises:
        ConfigError: every mistake in it, one a line.
    """
    return settings.load(path, Campaign)


def _refuse(*mistakes: Iterator[str]) -> None:
    found = [mistake for each in mistakes for mistake in each]
    if found:
        raise ValueError("; ".join(found))


def _at_least(least: float, **figures: float) -> Iterator[str]:
    # Written so that NaN, which compares with nothing, is refused as well.
    return (
        f"{name} must be at least {least:g}, not {figure:g}" for name, figure in figures.items() if not figure >= least
    )


def _not_empty(**lists: tuple[object, ...]) -> Iterator[str]:
    return (f"{name} is empty" for name, entries in lists.items() if not entries)


def _too_long(length_s: float) -> Iterator[str]:
    if length_s > LONGEST_CASE_S:
        yield f"a case would take {length_s:g} s, and {LONGEST_CASE_S:g} s is the most"
