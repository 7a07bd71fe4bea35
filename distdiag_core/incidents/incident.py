"""The values of an incident; plain enough that JSON can carry them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from distdiag_core.diagnosis.detection.impact import Impact, MetricChange
from distdiag_core.diagnosis.detection.ranking import Evidence  # noqa: TC001 - pydantic evaluates the annotations


@dataclass(frozen=True, slots=True)
class MeanChange:
    """Means of a metric of the workload and of its expected value, over the ticks at which both were known."""

    metric: str
    now: float
    expected: float
    ticks: int = 1

    def joined(self, change: MetricChange) -> MeanChange:
        """With one tick more; of another metric it is passed over, since the two cannot be averaged."""
        if change.metric != self.metric:
            return self
        share = 1 / (self.ticks + 1)
        now = self.now + (change.now - self.now) * share
        expected = self.expected + (change.expected - self.expected) * share
        return MeanChange(self.metric, now, expected, self.ticks + 1)

    def change(self) -> MetricChange:
        """The means as a change."""
        return MetricChange(self.metric, self.now, self.expected)


@dataclass(frozen=True, slots=True)
class MeanImpact:
    """Mean impact on a node, or on the cluster where `node` is empty."""

    node: str
    throughput: MeanChange | None = None
    latency: MeanChange | None = None

    def joined(self, impact: Impact) -> MeanImpact:
        """With one tick more."""
        return replace(
            self,
            throughput=_joined(self.throughput, impact.throughput),
            latency=_joined(self.latency, impact.latency),
        )

    def __str__(self) -> str:
        """For instance `tps -42 %, latency x3.1`."""
        throughput = None if self.throughput is None else self.throughput.change()
        latency = None if self.latency is None else self.latency.change()
        return str(Impact(throughput, latency))


def _joined(mean: MeanChange | None, change: MetricChange | None) -> MeanChange | None:
    if change is None:
        return mean
    return MeanChange(change.metric, change.now, change.expected) if mean is None else mean.joined(change)


@dataclass(frozen=True, slots=True)
class IncidentCause:
    """A root cause that was active during an incident.

    Attributes:
        onset_s: as the diagnosis estimated it.
        joined_s, last_s: the first and the last tick at which it was active.
        confidence, highest: the last and the highest confidence.
        evidence: at the highest confidence.
    """

    node: str
    anomaly: str
    onset_s: float
    joined_s: float
    last_s: float
    confidence: float
    highest: float
    evidence: tuple[Evidence, ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        """Node and anomaly, which identify it."""
        return self.node, self.anomaly


@dataclass(frozen=True, slots=True)
class LinkedInjection:
    """An injection that was active during an incident.

    Attributes:
        last_s: the last tick of the incident at which it was listed.
        hit: whether the diagnosis named it for most of the time; None while that is not known.
    """

    id: str
    anomaly: str
    node: str
    severity: str
    began_s: float
    last_s: float
    hit: bool | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident; times are seconds since the epoch on the clock of the run.

    Attributes:
        id: counts from 1 in a recording.
        onset_s: the earliest estimated onset of its root causes.
        noticed_s: the tick at which the first one became active.
        last_s: the last tick at which any was active.
        ended_s: when that had been long enough ago; None while it goes on, or when the run ended before.
        causes: in the order in which they joined.
        impacts: of the cluster first, then of nodes; only where it is known.
        note: what limited the diagnosis at the end.
    """

    id: int
    onset_s: float
    noticed_s: float
    last_s: float
    ended_s: float | None = None
    causes: tuple[IncidentCause, ...] = ()
    impacts: tuple[MeanImpact, ...] = ()
    injections: tuple[LinkedInjection, ...] = ()
    note: str = ""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes with a root cause, in the order in which they joined."""
        return tuple(dict.fromkeys(cause.node for cause in self.causes))

    @property
    def duration_s(self) -> float:
        """From the onset to the last tick at which a root cause was active."""
        return self.last_s - self.onset_s

    @property
    def main_cause(self) -> IncidentCause:
        """The root cause of the highest confidence."""
        return max(self.causes, key=lambda cause: cause.highest)

    def impact_on(self, node: str = "") -> MeanImpact | None:
        """The mean impact on a node, or on the cluster; None where it is unknown."""
        return next((each for each in self.impacts if each.node == node), None)


@dataclass(frozen=True, slots=True)
class VerdictCause:
    """An active root cause at one tick."""

    node: str
    anomaly: str
    confidence: float
    importance: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The active root causes at one tick, the most important first; none once the incident has ended."""

    time_s: float
    causes: tuple[VerdictCause, ...]

    def like(self, other: Verdict) -> bool:
        """Whether the same root causes have about the same confidence."""
        pairs = zip(self.causes, other.causes, strict=False)
        return len(self.causes) == len(other.causes) and all(
            (one.node, one.anomaly) == (two.node, two.anomaly) and abs(one.confidence - two.confidence) < _SAME
            for one, two in pairs
        )


# A confidence that differs by less is not worth a row.
_SAME = 0.05
