"""An update of the screen that sends changed cells alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control

from distdiag_tui.drawing.textual_internals import ChopsUpdate

if TYPE_CHECKING:
    from rich.console import Console


class CroppedUpdate(ChopsUpdate):
    """As Textual's own, which repaints each line from the left edge of its widget, but from the first changed cell."""

    @classmethod
    def of(cls, update: ChopsUpdate) -> CroppedUpdate:
        """The same update."""
        return cls(update.chops, update.spans, update.chop_ends)

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        sequences: list[str] = []
        for y, first, after in self.spans:
            at: int | None = None
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= after or end <= first:
                    continue
                start, stop = max(x, first), min(end, after)
                if at != start:
                    sequences.append(Control.move_to(start, y).segment.text)
                sequences.append(strip.crop(start - x, stop - x).render(console))
                at = stop
        return "".join(sequences)
