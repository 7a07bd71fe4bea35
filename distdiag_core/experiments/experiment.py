"""The values around an experiment: its plan, the figures of its stretches, and its result."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings import json_document
from distdiag_core.settings.model import NAME_PATTERN

if TYPE_CHECKING:
    from distdiag_core.anomalies.compound import CompoundRequest
    from distdiag_core.campaign.load import Load

# A shorter stretch has no second of its own.
_LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """A load, the anomalies that are injected into it, and the stretches around them.

    Attributes:
        before_s: of stable load before the first anomaly.
        after_s: from the end of the last anomaly to the end of the load.
    """

    name: str
    load: Load
    request: CompoundRequest
    before_s: float = 30.0
    after_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuse a name that is no file name, and stretches that are too short.

        How long it may be is said by the rules on the anomalies alone, each of which ends at its deadline.

        Raises:
            ConfigError: it is one of these.
        """
        if re.fullmatch(NAME_PATTERN, self.name) is None:
            raise ConfigError(f"{quoted(self.name)} cannot be the name of an experiment", hint="use letters and digits")
        for name, seconds in (("before", self.before_s), ("after", self.after_s)):
            if not (math.isfinite(seconds) and seconds >= _LEAST_S):
                raise ConfigError(f"the stretch {name} the anomalies must be {_LEAST_S:g} s or more, not {seconds:g} s")

    @property
    def load_text(self) -> str:
        """The load in words, with the options that are not as usual."""
        return ", ".join([str(self.load), *(f"{name} {value}" for name, value in self.load.options.items())])

    @property
    def length_s(self) -> float:
        """From the begin of the stretch before to the end of the stretch after, as planned."""
        return self.before_s + self.request.length_s + self.after_s


@dataclass(frozen=True, slots=True)
class Level:
    """Throughput and latency of one stretch: medians of its seconds.

    Attributes:
        tps: transactions a second of all clients together; None where nothing was measured.
        p95_ms: of the node where it is worst.
        nodes: by node, tps and p95_ms.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    tps: float | None
    p95_ms: float | None
    nodes: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an experiment in which the same anomalies were active.

    Attributes:
        anomalies: in the form `cpu_stress high on n1`; empty before and after.
        level: None where it was shorter than a tick.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    name: str
    start_s: float
    end_s: float
    level: Level | None
    anomalies: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class PartCost:
    """One anomaly of an experiment on one node: planned against real, and the level while it was active.

    Attributes:
        begun_s, proved_s, ended_s: from the begin of the anomalies; None where it did not come so far.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    anomaly: str
    node: str
    severity: str
    offset_s: float
    duration_s: float
    state: str
    begun_s: float | None = None
    proved_s: float | None = None
    ended_s: float | None = None
    problem: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class ExperimentResult:
    """An experiment that was run; times in seconds since the epoch.

    Attributes:
        load: in words.
        parts: the anomalies; none where the experiment ended before they began.
        stretches: before, each stretch with the same anomalies, after.
        problem: why it ended early; empty where it did not.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    name: str
    cluster: str
    load: str
    began_s: float
    ended_s: float
    parts: tuple[PartCost, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    problem: str = ""

    @property
    def before(self) -> Level | None:
        """The level before the anomalies."""
        return next((each.level for each in self.stretches if each.name == "before"), None)
