"""The rows of the node wall: a pure function of the view state and the width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.cluster.status import NodeState
from distdiag_tui.drawing.format import WIDTH, figure
from distdiag_tui.drawing.lines import Line, Span, Tone, fit, width_of
from distdiag_tui.drawing.sparklines import STEP_TICKS, binned, ceiling, drawn
from distdiag_tui.views.view_state import ViewState, mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.metrics.catalogue import Metric, MetricCatalogue

# A share above this stands out even before anything is diagnosed.
_FULL_PERCENT = 98.0
_STATE_WIDTH = 10
_LONGEST_SPARK = 16

# Heading -> the metrics that can stand under it, the best first; then any metric of the category.
_COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("cpu", "cpu", ("host.cpu.usage",)),
    ("mem", "memory", ("host.memory.used",)),
    ("io", "io", ("host.disk.write_bytes",)),
    ("net", "network", ("host.network.bytes_in",)),
    ("tps", "transactions", ("sysstat.trans_commit_count", "workload.tps")),
    ("p95", "", ("workload.p95",)),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One metric on the wall."""

    heading: str
    metric: Metric


def columns(catalogue: MetricCatalogue) -> tuple[Column, ...]:
    """What the wall shows of this catalogue, in order."""
    found = ((heading, _pick(catalogue, category, names)) for heading, category, names in _COLUMNS)
    return tuple(Column(heading, metric) for heading, metric in found if metric is not None)


def _pick(catalogue: MetricCatalogue, category: str, names: tuple[str, ...]) -> Metric | None:
    named = (catalogue.get(name) for name in names)
    of_category = (metric for metric in catalogue.metrics if metric.category == category)
    return next((metric for metric in named if metric is not None), None) or next(of_category, None)


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide everything on the wall is, in cells."""

    name: int
    zone: int
    spark: int
    gap: int

    @classmethod
    def of(cls, nodes: Sequence[NodeStatus], shown: int, width: int) -> Layout:
        """Make the best of `width` for `shown` columns: sparklines shrink first, then the zone goes."""
        name = min(16, max(4, *(len(node.node) for node in nodes)))
        zone = min(8, max((len(node.zone) for node in nodes), default=0))
        fixed = 2 + name + 1 + _STATE_WIDTH + 1
        if zone and (width - fixed - zone - 1) // max(1, shown) < WIDTH + 5:
            zone = 0
        each = (width - fixed - (zone + 1 if zone else 0)) // max(1, shown)
        spark = min(_LONGEST_SPARK, each - 1 - WIDTH - 2)
        return cls(name, zone, spark, 2) if spark >= 3 else cls(name, zone, max(0, spark + 1), 1)

    @property
    def column(self) -> int:
        """One metric: its sparkline, its value and the gap after them."""
        return (self.spark + 1 if self.spark else 0) + WIDTH + self.gap


class Wall:
    """Builds rows for one view state.

    Args:
        plain: one tone for the figures of a quiet row; every change of tone costs some forty bytes on the wire.
    """

    def __init__(self, view: ViewState, shown: Sequence[Column], width: int, *, plain: bool = False) -> None:
        self._scene = view
        self._quiet: tuple[Tone, Tone] = ("spark", "spark") if plain else ("spark", "plain")
        self._shown = shown
        self._width = width
        self.layout = Layout.of(view.snapshot.nodes, len(shown), width)

    def header(self, selected: int | None) -> Line:
        """The headings; that of the selected column stands out."""
        layout = self.layout
        spans: list[Span] = [(fit("  node", 2 + layout.name + 1), "muted")]
        if layout.zone:
            spans.append((fit("zone", layout.zone + 1), "muted"))
        spans.append((fit("state", _STATE_WIDTH + 1), "muted"))
        for index, column in enumerate(self._shown):
            chosen = index == selected
            heading = f"{self._scene.glyphs.running} {column.heading}" if chosen else column.heading
            text = fit(heading, layout.column - layout.gap, "right")
            spans.append((text + " " * layout.gap, "accent" if chosen else "muted"))
        return tuple(spans)

    def rows(self, indexes: Sequence[int]) -> Iterator[tuple[int, Line]]:
        """The rows of the nodes at `indexes`, each with its index."""
        snapshot, layout = self._scene.snapshot, self.layout
        places = [snapshot.frame.metrics.index(column.metric.name) for column in self._shown if self._measured(column)]
        shown = [column for column in self._shown if self._measured(column)]
        sparks = self._sparks(places, shown, layout.spark)
        for index in indexes:
            cells = dict(zip((column.heading for column in shown), sparks[index], strict=True)) if sparks else {}
            yield index, self._row(snapshot.nodes[index], cells)

    def _measured(self, column: Column) -> bool:
        return column.metric.name in self._scene.snapshot.frame.metrics

    def _sparks(self, places: list[int], shown: list[Column], cells: int) -> list[list[str]]:
        """By node and shown column; empty without room for any."""
        snapshot = self._scene.snapshot
        if not cells or not len(snapshot.window):
            return []
        newest = snapshot.window.values[:, places, -cells * STEP_TICKS :]
        bins = binned(newest, snapshot.tick, cells)
        tops = [ceiling(bins[:, at], column.metric.unit) for at, column in enumerate(shown)]
        return drawn(bins, tops, self._scene.glyphs.levels)

    def _row(self, status: NodeStatus, sparks: dict[str, str]) -> Line:
        lead = self._lead(status)
        if status.state in (NodeState.DOWN, NodeState.CONNECTING):
            return (*lead, (self._scene.glyphs.fit(status.reason, self._width - width_of(lead)), "muted"))
        return (*lead, *self._figures(status, sparks))

    def _lead(self, status: NodeStatus) -> Line:
        """Sign, name, zone and state."""
        layout, condition, cut = self.layout, mark(self._scene, status), self._scene.glyphs.fit
        well = condition.tone == "calm"
        spans: list[Span] = [
            (f"{condition.sign} ", condition.tone),
            (cut(status.node, layout.name + 1), "plain" if well else condition.tone),
        ]
        if layout.zone:
            spans.append((cut(status.zone, layout.zone + 1), "muted"))
        return (*spans, (cut(condition.word, _STATE_WIDTH + 1), "muted" if well else condition.tone))

    def _figures(self, status: NodeStatus, sparks: dict[str, str]) -> Iterator[Span]:
        """A sparkline and a figure per column; what speaks for a root cause, or is full, stands out."""
        layout, view = self.layout, self._scene
        speaking = {evidence.metric for cause in view.causes(status.node) for evidence in cause.evidence}
        for column in self._shown:
            metric = column.metric
            value = view.snapshot.frame.value(status.node, metric.name)
            loud = metric.name in speaking or (metric.unit == "%" and value >= _FULL_PERCENT)
            tones: tuple[Tone, Tone] = ("warn", "warn") if loud else self._quiet
            if layout.spark:
                yield f"{sparks.get(column.heading, ''):<{layout.spark}} ", tones[0]
            yield fit(figure(value, metric.unit, unknown=view.glyphs.unknown), WIDTH, "right"), tones[1]
            yield " " * layout.gap, self._quiet[1]
