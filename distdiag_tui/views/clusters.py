"""The clusters of a console, one line each: whether they are open, how they are, and what is done to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cluster.status import NodeState
from distdiag_core.workloads.workload_status import WorkloadState
from distdiag_tui.drawing.format import countdown
from distdiag_tui.drawing.lines import Line, Span, Tone, block
from distdiag_tui.views.filtering import Field
from distdiag_tui.views.view_state import ViewState, mark

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_tui.drawing.glyphs import Glyphs
    from distdiag_tui.views.view_state import Mark

_NAME_CELLS, _STATE_CELLS, _NODES_CELLS, _INJECTED_CELLS = 16, 9, 17, 9
HEADER: Line = (
    (f"   {'cluster':<{_NAME_CELLS}} {'state':<{_STATE_CELLS}} {'nodes':<{_NODES_CELLS}} {'injected':>9}  ", "muted"),
    ("root causes", "muted"),
)
_STATE_TONES: dict[str, Tone] = {"shown": "accent", "open": "plain", "starting": "muted", "stopped": "bad"}


@dataclass(frozen=True, slots=True, eq=False)
class ClusterState:
    """A cluster of the console.

    Attributes:
        where: its file, or what it is in place of a cluster.
        shown: it is the one on the screen.
        view: its newest tick; None before the first, and while it is closed.
        is_open: it is sampled and diagnosed.
        problem: why it could not be opened, or has stopped.
        experiment: the name of the experiment that runs on it.
    """

    name: str
    where: str
    shown: bool = False
    view: ViewState | None = None
    is_open: bool = False
    problem: str = ""
    experiment: str = ""

    @property
    def word(self) -> str:
        """Its state in a word."""
        if self.problem:
            return "stopped" if self.is_open else "failed"
        if not self.is_open:
            return "closed"
        return "starting" if self.view is None else "shown" if self.shown else "open"

    @property
    def injections(self) -> tuple[Injection, ...]:
        """What is injected and not known to be over."""
        if self.view is None or self.view.snapshot.stand_in:
            return ()
        return tuple(each for each in self.view.snapshot.injections if each.state is not InjectionState.CLEARED)


def row(state: ClusterState, glyphs: Glyphs, width: int) -> Line:
    """A cluster on one line."""
    tone = _STATE_TONES.get(state.word, "bad" if state.problem else "muted")
    spans: list[Span] = [
        (f" {'*' if state.shown else ' '} ", "accent"),
        (f"{glyphs.fit(state.name, _NAME_CELLS):<{_NAME_CELLS}} ", "strong" if state.is_open else "plain"),
        (f"{state.word:<{_STATE_CELLS}} ", tone),
    ]
    left = width - sum(len(text) for text, _ in spans)
    if state.problem or state.view is None:
        said = state.problem.splitlines()[0] if state.problem else state.where
        return *spans, (glyphs.fit(said, max(0, left)), "bad" if state.problem else "muted")
    return *spans, *_condition(state.view, state, glyphs, left)


def _condition(view: ViewState, state: ClusterState, glyphs: Glyphs, width: int) -> list[Span]:
    nodes = view.snapshot.nodes
    worst = worst_mark(view)
    up = sum(status.state is NodeState.UP for status in nodes)
    text = f"{up}/{len(nodes)} {worst.sign} {worst.word}"
    injected = str(len(state.injections) or "")
    spans: list[Span] = [
        (f"{text:<{_NODES_CELLS}} ", worst.tone),
        (f"{injected:>{_INJECTED_CELLS}}  ", "warn"),
    ]
    if view.snapshot.cluster.production:
        spans += [(" PROD ", "badge"), (" ", "plain")]
    left = width - sum(len(part) for part, _ in spans)
    return [*spans, (glyphs.fit(causes(view), max(0, left)), "warn")]


def worst_mark(view: ViewState) -> Mark:
    """The condition of the node that is worst off."""

    def rank(status: NodeStatus) -> int:
        words = ("down", "degraded", "suspect", "stale", "late", "connecting", "up")
        return words.index(mark(view, status).word)

    return mark(view, min(view.snapshot.nodes, key=rank))


def causes(view: ViewState) -> str:
    """The root causes that are taken as real now, the likeliest first."""
    return ", ".join(f"{view.anomaly_label(each.anomaly)} on {each.node}" for each in view.suspects)


def detail(state: ClusterState, width: int) -> list[Line]:
    """Where it comes from, what is wrong with it, and what is being done to it."""
    lines = block(" ", state.where, width, "muted")
    lines += [line for text in state.problem.splitlines() for line in block(" ", text, width, "bad")]
    lines += [line for text in running(state) for line in block(" ", text, width)]
    if state.view is not None and (found := causes(state.view)):
        lines += block(" root causes: ", found, width, "warn")
    return lines


def running(state: ClusterState) -> list[str]:
    """What runs on a cluster and was begun on purpose, a sentence each."""
    experiment = [f"The experiment {state.experiment} runs."] if state.experiment else []
    return experiment + injected(state) + loads(state)


def injected(state: ClusterState) -> list[str]:
    """What is injected, a sentence each."""
    said: list[str] = []
    if (view := state.view) is None:
        return said
    for each in state.injections:
        left = f", {countdown(each.deadline_s - view.now_s)} left" if each.state is InjectionState.ACTIVE else ""
        said.append(f"{view.anomaly_label(each.anomaly)} on {each.node} is {each.state}{left}, by {each.owner}.")
    return said


def loads(state: ClusterState) -> list[str]:
    """The load that runs, a sentence each."""
    view = state.view
    if view is None or view.snapshot.stand_in:
        return []
    return [
        f"The load {each.request.kind} runs." for each in view.snapshot.workloads if each.state is WorkloadState.RUNNING
    ]


def cluster_fields() -> tuple[Field[ClusterState], ...]:
    """Clusters: name, state, nodes, what is injected, and root causes."""
    return (
        Field("cluster", lambda each: each.name),
        Field("state", lambda each: each.word),
        Field("nodes", lambda each: len(each.view.snapshot.nodes) if each.view is not None else None, ""),
        Field("injected", lambda each: len(each.injections), ""),
        Field("causes", lambda each: causes(each.view) if each.view is not None else "", heading="root causes"),
        Field("prod", lambda each: "production" if _is_production(each) else ""),
    )


def _is_production(state: ClusterState) -> bool:
    return state.view is not None and state.view.snapshot.cluster.production
