"""The parameters of a node's database against those of its peers, as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from distdiag_tui.drawing.format import clock, day_and_clock
from distdiag_tui.drawing.lines import BLANK, Line, Tone, block

if TYPE_CHECKING:
    from distdiag_core.operations.parameter_comparison import Parameter, ParameterChange, SharedValue
    from distdiag_core.operations.parameters import ParameterReport
    from distdiag_tui.views.view_state import ViewState

# Where there is room for long names and values, and where there is not.
_WIDE, _NARROW, _WIDE_FROM = (36, 22), (28, 14), 100
_STATE = 8
# What changed longer ago is in the text about a parameter, and in the output of the verb.
_LATELY_S = 24 * 3600.0
_MISSING = "(missing)"


@dataclass(frozen=True, slots=True)
class NodeAgainstPeers:
    """A report as it is for one node.

    Attributes:
        lately: the names of what changed on the node in the last day.
        ordered: those in which the node differs first, then those that changed lately, then the others by name.
    """

    report: ParameterReport
    node: str
    lately: frozenset[str]
    ordered: tuple[Parameter, ...]

    @classmethod
    def of(cls, report: ParameterReport, node: str) -> Self:
        """It for a node of the report."""
        newest = (each for each in report.changes_of(node) if report.read_s - each.noticed_s <= _LATELY_S)
        lately = frozenset(each.name for each in newest)
        known = (each for each in report.parameters if each.of(node) is not None)
        ordered = sorted(known, key=lambda each: (not each.differs_on(node), each.name not in lately, each.name))
        return cls(report, node, lately, tuple(ordered))

    def state(self, parameter: Parameter) -> str:
        """Whether it differs, and whether it changed lately."""
        found = ("differs", parameter.differs_on(self.node)), ("changed", parameter.name in self.lately)
        return ", ".join(word for word, holds in found if holds)

    def value(self, parameter: Parameter) -> str:
        """The value of the node."""
        own = parameter.of(self.node)
        return _said(own.value) if own is not None else ""

    def of_peers(self, parameter: Parameter) -> str:
        """The other values, the most common first, each with the number of nodes that have it."""
        own = parameter.of(self.node)
        others = [each for each in parameter.values if each is not own]
        if not others:
            return "the same" if own is not None and len(own.nodes) > 1 else "no peers"
        return ", ".join(f"{_said(each.value)} on {_count(each)}" for each in others)


def above(view: ViewState, found: NodeAgainstPeers | None, width: int) -> list[Line]:
    """How many there are, of when the list is, and what could not be read."""
    if found is None:
        return []
    report, listed = found.report, found.ordered
    differ = sum(each.differs_on(found.node) for each in listed)
    lately = sum(each.name in found.lately for each in listed)
    identity = sum(len(each.values) > 1 and each.identity for each in listed)
    said = f" {len(listed)} parameters; other than of most peers: {differ}; changed in the last 24 h: {lately}"
    of = view.glyphs.fit(
        f"  {view.glyphs.dot} {len(report.nodes)} nodes compared at {clock(report.read_s)}", max(0, width - len(said))
    )
    lines: list[Line] = [((said, "warn" if differ or lately else "plain"), (of, "muted"))]
    if identity:
        lines += block(
            " ", f"addresses, ports, names and directories that differ on purpose: {identity}", width, "muted"
        )
    for note in report.notes:
        lines += block(f" {view.glyphs.warning} ", note, width, "warn")
    return [*lines, BLANK]


def header(width: int) -> Line:
    """The column headings."""
    name, value = _columns(width)
    return ((f"   {'parameter':<{name}} {'lately':<{_STATE}} {'value':<{value}} peers", "muted"),)


def row(view: ViewState, found: NodeAgainstPeers, parameter: Parameter, width: int) -> Line:
    """One parameter on one line: its value here, and those of the peers with how many have them."""
    differs = parameter.differs_on(found.node)
    mark = view.glyphs.warning if differs else " "
    tone: Tone = "warn" if differs else "plain"
    fit = view.glyphs.fit
    name, value = _columns(width)
    lately = "changed" if parameter.name in found.lately else ""
    return (
        (f" {mark} ", "warn"),
        (f"{fit(parameter.name, name)} ", "strong" if differs else "plain"),
        (f"{fit(lately, _STATE)} ", tone),
        (f"{fit(found.value(parameter), value)} ", tone),
        (
            fit(found.of_peers(parameter), max(0, width - name - _STATE - value - 6)),
            "plain" if differs else "muted",
        ),
    )


def detail(found: NodeAgainstPeers, parameter: Parameter, width: int) -> list[Line]:
    """Every value with the nodes that have it, and every change that is known."""
    lines = block(" ", parameter.name, width, "strong")
    for shared in parameter.values:
        here: Tone = "warn" if found.node in shared.nodes and parameter.differs_on(found.node) else "plain"
        lines += block("   ", f"{_said(shared.value)}  on {_count(shared)}: {', '.join(shared.nodes)}", width, here)
    if parameter.identity and len(parameter.values) > 1:
        lines += block(" ", "it tells a server from its peers, and differs on purpose", width, "muted")
    for change in found.report.changes_of(found.node, parameter.name):
        lines += block(" ", _change(change), width)
    return lines


def _columns(width: int) -> tuple[int, int]:
    """The cells of the name and of the value."""
    return _WIDE if width >= _WIDE_FROM else _NARROW


def _change(change: ParameterChange) -> str:
    when = f"between {day_and_clock(change.read_s)} and {day_and_clock(change.noticed_s)}"
    return f"changed {when}: it was {_said(change.before)}, and became {_said(change.after)}"


def _count(shared: SharedValue) -> str:
    return f"{len(shared.nodes)} node{'' if len(shared.nodes) == 1 else 's'}"


def _said(value: str | None) -> str:
    if value is None:
        return _MISSING
    return " ".join(value.split()) or "(empty)"
