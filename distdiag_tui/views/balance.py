"""How much there is of what in the dataset, and whether it is in balance, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import figure
from distdiag_tui.drawing.lines import Line, Span, block, width_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.dataset.statistics import Balance, Statistics
    from distdiag_tui.drawing.lines import Tone
    from distdiag_tui.views.view_state import ViewState

# The rows of one table; what is thinner than these is advised on anyway.
_ROWS = 12
_SHORT_BAR = 14


def shares_line(view: ViewState, found: Statistics, width: int) -> Line:
    """How many samples there are, and which share of them is normal."""
    balance, dot = found.balance, view.glyphs.dot
    shares = f" {dot} {balance.normal_share:.0%} normal {balance.anomalous_share:.0%} anomalous"
    line: Line = (_counted(found), (shares, "plain"))
    if width_of(line) <= width:
        return line
    shares = f" {dot} {balance.normal_share:.0%} norm. {balance.anomalous_share:.0%} anom."
    return ((f" {figure(found.samples, '')}", "strong"), (shares, "plain"))


def bar_line(view: ViewState, balance: Balance, width: int) -> Line:
    """The normal share to the left, the anomalous one to the right, each with another sign."""
    cells = max(4, width - 2)
    if not (balance.normal_share or balance.anomalous_share):
        return ((f" {view.glyphs.bar_empty * cells}", "muted"),)
    normal = round(balance.normal_share * cells)
    return (
        (f" {view.glyphs.bar_full * normal}", "calm"),
        (view.glyphs.bar_part * (cells - normal), "warn"),
    )


def word_lines(view: ViewState, balance: Balance, width: int) -> list[Line]:
    """Whether it is balanced; where it is not, what is missing."""
    return block(f" {_balance_glyph(view, balance)} ", balance.word, width, tone(balance))


def tone(balance: Balance) -> Tone:
    """The colour of the verdict."""
    return "good" if balance.balanced else "bad"


def one_line(view: ViewState, found: Statistics, width: int) -> Line:
    """As much of the balance as there is room for; the verdict is dropped last."""
    balance = found.balance
    share: Span = (f" {balance.normal_share:.0%} normal", "plain")
    word: Span = (f" {_balance_glyph(view, balance)} {balance.word}", tone(balance))
    bar, counted = bar_line(view, balance, _SHORT_BAR), _counted(found)
    richer: tuple[Line, ...] = ((share, word), (share, *bar, word), (counted, share, *bar, word))
    fitting = [line for line in richer if width_of(line) <= width]
    return fitting[-1] if fitting else ((view.glyphs.fit(word[0], max(0, width)), word[1]),)


def table_lines(view: ViewState, heading: str, counts: Mapping[str, int], width: int) -> list[Line]:
    """Anomalous samples of each, as bars against the most."""
    # Normal life alone gives every node a count of nothing.
    most = max(1, *counts.values(), 0)
    lines: list[Line] = [((f" {heading}", "muted"),)]
    for name, samples in list(counts.items())[:_ROWS]:
        said = f" {view.glyphs.fit(name, 18)} {figure(samples, ''):>5} "
        lines.append(((said, "plain"), (view.glyphs.bar(samples / most, max(4, width - len(said) - 1)), "spark")))
    return lines if counts else [*lines, ((" none yet", "muted"),)]


def _counted(found: Statistics) -> Span:
    return (f" {figure(found.samples, '')} samples", "strong")


def _balance_glyph(view: ViewState, balance: Balance) -> str:
    return view.glyphs.good if balance.balanced else view.glyphs.down
