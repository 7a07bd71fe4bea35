"""What a painter of the console is given: one snapshot, and how to name and draw what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cluster.status import NodeState, NodeStatus
from distdiag_tui.drawing.format import countdown
from distdiag_tui.views.anomaly_marks import current, joined

if TYPE_CHECKING:
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.diagnosis.detection.ranking import RootCause
    from distdiag_core.incidents.anomaly_mark import AnomalyMark
    from distdiag_core.recording.events import Event
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.glyphs import Glyphs
    from distdiag_tui.drawing.lines import Tone
    from distdiag_tui.views.fluctuation import Normals
    from distdiag_tui.views.training_run import TrainingRun

# From here on a root cause is taken as real and not only as the likeliest of the unlikely.
SUSPECT = 0.5
# A feed that is silent for so many intervals is called stale.
STALE_TICKS = 3.5


@dataclass(frozen=True, slots=True, eq=False)
class ViewState:
    """One tick, ready to be painted.

    Attributes:
        now_s: seconds since the epoch, on the clock of the run; later than the snapshot where the core is silent.
        events: the newest first; the core's and the console's own.
        alarms: the errors of the core that the operator has not looked at yet, the newest first.
        clearing: how far clearing everything is; empty where nobody asked for it.
        training: the last training of this console; None before the first.
        normals: the figures that are normal for the nodes; None where nobody has worked them out.
        remembered: what was injected and diagnosed up to this tick, as far as this console has seen it.
        elsewhere: of each other open cluster that is in trouble, its name and what is wrong.
        served: HOST:PORT at which metrics are served to Prometheus; empty where they are not.
    """

    snapshot: Snapshot
    anomalies: AnomalyCatalogue
    glyphs: Glyphs
    now_s: float
    events: tuple[Event, ...] = ()
    alarms: tuple[Event, ...] = ()
    clearing: str = ""
    training: TrainingRun | None = None
    normals: Normals | None = None
    remembered: tuple[AnomalyMark, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    served: str = ""

    def anomaly_label(self, name: str) -> str:
        """An anomaly as on screen."""
        return self.anomalies.label(name)

    def metric_label(self, name: str) -> str:
        """A metric as on screen."""
        metric = self.snapshot.catalogue.get(name)
        return metric.label if metric else name

    def unit(self, name: str) -> str:
        """The unit of a metric; empty where it is unknown."""
        metric = self.snapshot.catalogue.get(name)
        return metric.unit if metric else ""

    def wall_s(self, time_s: float) -> float:
        """A time of the run by the wall clock as it is set now."""
        return time_s + self.snapshot.frame.clock_offset_s

    @property
    def silent_s(self) -> float:
        """How long the core has said nothing; 0 while it is in time."""
        silence = self.now_s - self.snapshot.frame.time_s
        return silence if silence > STALE_TICKS * self.snapshot.cluster.interval_s else 0.0

    def causes(self, node: str) -> tuple[RootCause, ...]:
        """The root causes on `node` that are taken as real at the moment."""
        return tuple(cause for cause in self.suspects if cause.node == node)

    @property
    def suspects(self) -> tuple[RootCause, ...]:
        """All root causes that are taken as real at the moment, ranked."""
        diagnosis = self.snapshot.diagnosis
        if diagnosis is None or not diagnosis.anomalous:
            return ()
        return tuple(cause for cause in diagnosis.root_causes if cause.confidence >= SUSPECT)

    def anomaly_marks(self, node: str | None = None) -> tuple[AnomalyMark, ...]:
        """What was and is injected and diagnosed, on one node or on all; the earliest first."""
        found = joined([*self.remembered, *current(self.snapshot)])
        return tuple(each for each in found if node is None or each.node == node)

    def status(self, node: str) -> NodeStatus | None:
        """The condition of a node; None where there is no such node."""
        return next((status for status in self.snapshot.nodes if status.node == node), None)

    def injections(self, node: str) -> tuple[Injection, ...]:
        """What is injected on `node`."""
        return tuple(injection for injection in self.snapshot.injections if injection.node == node)

    def time_left(self, injection: Injection) -> str:
        """The time to the deadline, or the state of an injection whose time does not run, as of one being armed."""
        active = injection.state is InjectionState.ACTIVE
        return f"{countdown(injection.deadline_s - self.now_s)} left" if active else str(injection.state)


@dataclass(frozen=True, slots=True)
class Mark:
    """The condition of a node as sign, label and colour, each of which is enough to read it."""

    sign: str
    word: str
    tone: Tone


def mark(view: ViewState, status: NodeStatus) -> Mark:
    """The condition of a node."""
    glyphs = view.glyphs
    match status.state:
        case NodeState.DOWN:
            return Mark(glyphs.down, "down", "bad")
        case NodeState.DEGRADED:
            return Mark(glyphs.degraded, "degraded", "warn")
        case NodeState.CONNECTING:
            return Mark(glyphs.connecting, "connecting", "muted")
        case _ if view.silent_s:
            return Mark(glyphs.late, "stale", "muted")
        case _ if status.node in view.snapshot.frame.late:
            return Mark(glyphs.late, "late", "muted")
        case _ if view.causes(status.node):
            return Mark(glyphs.anomaly, "suspect", "warn")
        case _:
            return Mark(glyphs.up, "up", "calm")
