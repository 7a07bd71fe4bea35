"""The rows of the node wall: a pure function of the view state and the width."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.cluster.status import NodeState
from distdiag_tui.drawing.format import WIDTH, figure
from distdiag_tui.drawing.lines import Line, Span, Tone, fit, width_of
from distdiag_tui.drawing.sparklines import STEP_TICKS, binned, cell_ages, drawn, steady_ceiling
from distdiag_tui.views.fluctuation import fluctuation
from distdiag_tui.views.view_state import ViewState, mark
from distdiag_tui.views.zones import worst_figure, worst_mark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
    from distdiag_tui.views.zones import FoldedZone

# A share above this stands out even before anything is diagnosed.
_FULL_PERCENT = 98.0
_STATE_WIDTH = 8
# `connecting` is longer than any state with figures beside it.
_CONNECTING_WIDTH = 10
# A sparkline of so many cells is worth more than the percents of what has left its normal.
_LONG_SPARK = 7
_SHORTEST_SPARK = 3
# A blank and for instance `↑3.2x`.
_MARK_WIDTH = 6

# Clients that stall are back within that, and those that have ended are not.
_LATELY_TICKS = 60
_COMMITS = ("sysstat.trans_commit_count", "mysql_status.transactions")
# Heading -> the metrics that can stand under it, the best first; then any metric of the category.
_COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("cpu", "cpu", ("host.cpu.usage",)),
    ("mem", "memory", ("host.memory.used",)),
    ("io", "io", ("host.disk.write_bytes",)),
    ("net", "network", ("host.network.bytes_in",)),
    ("tps", "transactions", ("workload.tps", *_COMMITS)),
    ("p95", "", ("workload.p95",)),
)
# Without a workload there is no figure of its clients, and the database's own stands in. With one, theirs stands here
# as in the panel of the workload: a database counts no transaction where a client only reads.
_WITHOUT_WORKLOAD: dict[str, tuple[str, tuple[str, ...]]] = {
    "tps": ("tps", _COMMITS),
    "p95": ("latency", ("sysstat.trans_latency", "mysql_status.transaction_latency")),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One metric on the wall."""

    heading: str
    metric: Metric


def columns(catalogue: MetricCatalogue, *, workload: bool = True) -> tuple[Column, ...]:
    """What the wall shows of this catalogue, in order.

    Args:
        workload: whether clients of a benchmark measure anything.
    """
    found: list[Column] = []
    for heading, category, names in _COLUMNS:
        instead = None if workload else _WITHOUT_WORKLOAD.get(heading)
        if instead is not None and (metric := _named(catalogue, instead[1])) is not None:
            found.append(Column(instead[0], metric))
        elif (metric := _pick(catalogue, category, names)) is not None:
            found.append(Column(heading, metric))
    return tuple(found)


def has_workload(view: ViewState) -> bool:
    """Whether the clients of a benchmark have measured anything lately."""
    window = view.snapshot.window.last(_LATELY_TICKS)
    if "workload.p95" not in window.metrics:
        return False
    return bool(np.isfinite(window.values[:, window.metrics.index("workload.p95")]).any())


def _pick(catalogue: MetricCatalogue, category: str, names: tuple[str, ...]) -> Metric | None:
    of_category = (metric for metric in catalogue.metrics if metric.category == category)
    return _named(catalogue, names) or next(of_category, None)


def _named(catalogue: MetricCatalogue, names: tuple[str, ...]) -> Metric | None:
    """The first of these metrics that is in the catalogue."""
    return next((metric for name in names if (metric := catalogue.get(name)) is not None), None)


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide everything on the wall is, in cells."""

    name: int
    zone: int
    state: int
    spark: int
    mark: int

    @classmethod
    def of(cls, nodes: Sequence[NodeStatus], shown: int, width: int, folded: Collection[str] = ()) -> Layout:
        """Sparklines take all the width that is left: with little of it the percents go first, then the zone."""
        name = min(16, max(4, *(len(node.node) for node in nodes), *map(len, folded)))
        zone = min(8, max((len(node.zone) for node in nodes), default=0))
        connecting = any(node.state is NodeState.CONNECTING for node in nodes)
        state = _CONNECTING_WIDTH if connecting else _STATE_WIDTH
        fixed = 2 + name + 1 + state + 1
        if zone and (width - fixed - zone - 1) // max(1, shown) < WIDTH + 5:
            zone = 0
        each = (width - fixed - (zone + 1 if zone else 0)) // max(1, shown)
        # Of a column, a blank after the sparkline and one after everything.
        spark = each - 1 - WIDTH - _MARK_WIDTH - 1
        if spark >= _LONG_SPARK:
            return cls(name, zone, state, spark, _MARK_WIDTH)
        # With less, its sign alone, and a blank before the next sparkline.
        spark = each - 1 - WIDTH - 1 - 1
        if spark >= _SHORTEST_SPARK:
            return cls(name, zone, state, spark, 1)
        return cls(name, zone, state, 0, max(0, each - WIDTH - 1))

    @property
    def column(self) -> int:
        """One metric: its sparkline, its figure, its mark and the blank after them."""
        return (self.spark + 1 if self.spark else 0) + WIDTH + self.mark + 1


class Wall:
    """Builds rows for one view state.

    Args:
        marked: nodes that the operator has marked.
        folded: zones that share a row.
        tops: of the scales when the wall was drawn last, by heading.
        plain: one tone for the figures of a quiet row; every change of tone costs some forty bytes on the wire.

    Attributes:
        tops: of the scales, by heading.
    """

    def __init__(
        self,
        view: ViewState,
        shown: Sequence[Column],
        width: int,
        *,
        plain: bool = False,
        marked: Collection[str] = (),
        folded: Collection[str] = (),
        tops: Mapping[str, float] | None = None,
    ) -> None:
        self._scene = view
        self._quiet: tuple[Tone, Tone] = ("spark", "spark") if plain else ("spark", "plain")
        self._shown = shown
        self._marked = marked
        self._width = width
        self.layout = Layout.of(view.snapshot.nodes, len(shown), width, folded)
        self.tops: dict[str, float] = {}
        self._sparks: dict[str, list[str]] = {}
        self._draw(tops or {})

    def header(self, selected: int | None) -> Line:
        """The headings and the scale of each column, which all its sparklines share; the selected one stands out."""
        layout = self.layout
        spans: list[Span] = [(fit("  node", 2 + layout.name + 1), "muted")]
        if layout.zone:
            spans.append((fit("zone", layout.zone + 1), "muted"))
        spans.append((fit("state", layout.state + 1), "muted"))
        for index, column in enumerate(self._shown):
            # A long name begins in the blanks after the column before.
            (before, tone), blanks = spans[-1], len(spans[-1][0]) - len(spans[-1][0].rstrip())
            of_column = list(self._heading(column, blanks, chosen=index == selected))
            spans[-1] = (before[: len(before) + layout.column - width_of(tuple(of_column))], tone)
            spans += of_column
        return tuple(spans)

    def _heading(self, column: Column, blanks: int, *, chosen: bool) -> Iterator[Span]:
        layout, glyphs = self.layout, self._scene.glyphs
        width = layout.column - layout.mark - 1
        heading = f"{glyphs.running}{column.heading}" if chosen else column.heading
        top = self.tops.get(column.heading)
        scale = "" if top is None else f"0{glyphs.span}{figure(top, column.metric.unit)}"
        tone: Tone = "accent" if chosen else "muted"
        if layout.spark and scale and len(heading) + 1 + len(scale) <= width:
            yield heading, tone
            yield fit(scale, width - len(heading), "right"), "muted"
        elif layout.spark:
            yield fit(heading, width), tone
        else:
            heading = glyphs.fit(heading, width + blanks).rstrip()
            yield f"{heading:>{width}}", tone
        yield " " * (layout.mark + 1), "muted"

    def rows(self, indexes: Sequence[int]) -> Iterator[tuple[int, Line]]:
        """The rows of the nodes at `indexes`, each with its index."""
        for index in indexes:
            yield index, self._row(index, self._scene.snapshot.nodes[index])

    def _draw(self, before: Mapping[str, float]) -> None:
        """The sparklines of all nodes, by column."""
        snapshot, cells = self._scene.snapshot, self.layout.spark
        shown = [column for column in self._shown if column.metric.name in snapshot.frame.metrics]
        if not cells or not len(snapshot.window) or not shown:
            return
        places = [snapshot.frame.metrics.index(column.metric.name) for column in shown]
        bins = binned(snapshot.window.values[:, places, -cells * STEP_TICKS :], snapshot.tick, cells)
        tops = [
            steady_ceiling(before.get(column.heading), bins[:, at], column.metric.unit)
            for at, column in enumerate(shown)
        ]
        sparks = drawn(bins, tops, self._scene.glyphs.levels)
        for at, column in enumerate(shown):
            self.tops[column.heading] = tops[at]
            self._sparks[column.heading] = [row[at] for row in sparks]

    def zone_row(self, zone: FoldedZone) -> Line:
        """The row of a folded zone: its worst condition, and the worst figure of each column."""
        layout, view, cut = self.layout, self._scene, self._scene.glyphs.fit
        condition = worst_mark(view, zone)
        tone: Tone = "plain" if condition.tone == "calm" else condition.tone
        marked = any(status.node in self._marked for status in zone.nodes)
        room, counted = layout.name + layout.zone + bool(layout.zone), f"{zone.zone} ({len(zone.nodes)})"
        spans: list[Span] = [
            (f"{condition.sign}{'x' if marked else '+'}", condition.tone),
            (f"{cut(counted if len(counted) <= room else zone.zone, room)} ", tone),
        ]
        spans.append((cut(condition.word, layout.state + 1), "muted" if tone == "plain" else tone))
        order = [status.node for status in view.snapshot.nodes]
        for column in self._shown:
            worst = worst_figure(view, zone, column.metric).node
            index = order.index(worst)
            spans += self._cell(column, index, worst, self._speaking(worst), self._injected(index, worst))
        return tuple(spans)

    def _row(self, index: int, status: NodeStatus) -> Line:
        lead = self._lead(status)
        if status.state in (NodeState.DOWN, NodeState.CONNECTING):
            return (*lead, (self._scene.glyphs.fit(status.reason, self._width - width_of(lead)), "muted"))
        return (*lead, *self._figures(index, status))

    def _lead(self, status: NodeStatus) -> Line:
        """Sign, name, zone and state."""
        layout, condition, cut = self.layout, mark(self._scene, status), self._scene.glyphs.fit
        well = condition.tone == "calm"
        spans: list[Span] = [
            (f"{condition.sign}{'x' if status.node in self._marked else ' '}", condition.tone),
            (cut(status.node, layout.name + 1), "plain" if well else condition.tone),
        ]
        if layout.zone:
            spans.append((cut(status.zone, layout.zone + 1), "muted"))
        return (*spans, (cut(condition.word, layout.state + 1), "muted" if well else condition.tone))

    def _figures(self, index: int, status: NodeStatus) -> Iterator[Span]:
        """A sparkline and a figure per column."""
        speaking, injected = self._speaking(status.node), self._injected(index, status.node)
        for column in self._shown:
            yield from self._cell(column, index, status.node, speaking, injected)

    def _speaking(self, node: str) -> set[str]:
        """The metrics that speak for a root cause on a node."""
        return {evidence.metric for cause in self._scene.causes(node) for evidence in cause.evidence}

    def _cell(
        self, column: Column, index: int, node: str, speaking: set[str], injected: frozenset[int]
    ) -> Iterator[Span]:
        """A sparkline and a figure; what speaks for a root cause, or is full, stands out."""
        metric, view = column.metric, self._scene
        value = view.snapshot.frame.value(node, metric.name)
        loud = metric.name in speaking or (metric.unit == "%" and value >= _FULL_PERCENT)
        tones: tuple[Tone, Tone] = ("warn", "warn") if loud else self._quiet
        if self.layout.spark:
            yield from self._spark(column.heading, index, injected, tones[0])
        yield fit(figure(value, metric.unit, unknown=view.glyphs.unknown), WIDTH, "right"), tones[1]
        yield self._away(node, metric), "warn" if loud else "accent"

    def _spark(self, heading: str, index: int, injected: frozenset[int], tone: Tone) -> Iterator[Span]:
        """A sparkline and a blank; the cells of what was injected lie on a shade."""
        sparks = self._sparks.get(heading)
        signs = sparks[index] if sparks else " " * self.layout.spark
        for marked, run in groupby(enumerate(signs), lambda each: each[0] in injected):
            yield "".join(sign for _, sign in run), "injected" if marked else tone
        yield " ", tone

    def _away(self, node: str, metric: Metric) -> str:
        """The mark of a figure that has left its normal, as far as there is room, and the blank after it."""
        view, glyphs = self._scene, self._scene.glyphs
        away = fluctuation(view.normals, view.snapshot.window, node, metric.name, metric.unit)
        if away is None:
            return " " * (self.layout.mark + 1)
        if self.layout.mark < _MARK_WIDTH:
            return fit(away.text(glyphs)[0], self.layout.mark + 1)
        return fit(f" {away.text(glyphs)}", self.layout.mark + 1)

    def _injected(self, index: int, node: str) -> frozenset[int]:
        """The cells of the sparklines of a node in whose time anything was injected into it."""
        snapshot, cells = self._scene.snapshot, self.layout.spark
        found = [each for each in self._scene.anomaly_marks(node) if each.kind == "injected"]
        if not found or not cells:
            return frozenset()
        ages = [
            tuple(
                (snapshot.frame.time_s - moment_s) / snapshot.cluster.interval_s
                for moment_s in (each.start_s, each.end_s)
            )
            for each in found
        ]
        edges = cell_ages(snapshot.tick, index, cells)
        return frozenset(
            cell
            for cell, (oldest, newest) in enumerate(edges)
            if any(start >= newest and end < oldest for start, end in ages)
        )
