"""The widget under every list of the console: lines of text, of which only what changed is painted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from distdiag_tui.drawing.lines import Line, changed_runs, clean
from distdiag_tui.drawing.tones import tones_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

View = TypeVar("View", bound="LineView")


class LineView(ScrollView):
    """Shows lines under an optional header that stays in place.

    Textual repaints what is marked dirty and compares nothing; this widget compares, and marks the changed cells.
    """

    DEFAULT_CSS = """
    LineView { background: $background; scrollbar-size: 0 1; overflow-x: hidden; }
    """

    can_focus = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._header: Line | None = None
        self._lines: tuple[Line, ...] = ()
        self._marked: int | None = None
        self._tones: Mapping[str, Style] = {}
        self._base: Style | None = None
        self._title = Content("")

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown at the moment, the header left out."""
        return self._lines

    @property
    def text(self) -> str:
        """What is shown, without any tones."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    @property
    def line_width(self) -> int:
        """The cells that a line has, beside the scroll bar; 0 before the first layout."""
        return self.scrollable_content_region.width

    @property
    def header_height(self) -> int:
        """1 with a header, else 0."""
        return 0 if self._header is None else 1

    def show_lines(self, lines: Sequence[Line], *, header: Line | None = None) -> None:
        """Show these lines, painting only the cells that differ from what is shown now."""
        new = tuple(lines)
        reshaped = len(new) != len(self._lines) or (header is None) != (self._header is None)
        old, old_header = self._lines, self._header
        self._lines, self._header = new, header
        if reshaped:
            height = len(new) + self.header_height
            self.virtual_size = Size(0, height)
            self.refresh(layout=self.styles.auto_dimensions)
            if self.styles.auto_dimensions:
                # What is asked for while Textual hands out sizes, as on the first tick of a screen, is lost.
                self.call_after_refresh(self.refresh, layout=True)
            return
        if header is not None and old_header is not None:
            self._refresh_changes(old_header, header, 0)
        top, visible = round(self.scroll_y), self.size.height - self.header_height
        for index in range(top, min(len(new), top + visible)):
            self._refresh_changes(old[index], new[index], index - top + self.header_height)

    def entitle(self, title: str) -> None:
        """Set the border's title; it may hold text from outside, so nothing in it is markup."""
        content = Content(clean(title))
        if content != self._title:
            self._title = content
            self.border_title = content

    def mark(self, index: int | None) -> None:
        """Put the cursor's background on one line."""
        if index == self._marked:
            return
        for line in (self._marked, index):
            if line is not None:
                y = line - round(self.scroll_y) + self.header_height
                self.refresh(Region(0, y, self.size.width, 1))
        self._marked = index

    def render_line(self, y: int) -> Strip:
        """One row of the widget."""
        width = self.size.width
        if self._base is None:
            self._base = self.rich_style
        base = self._base
        if self._header is not None:
            if y == 0:
                return self._strip(self._header, base + self._tones["head"], width)
            y -= 1
        index = y + round(self.scroll_y)
        if index >= len(self._lines):
            return Strip.blank(width, base)
        if index == self._marked:
            cursor = self._tones["cursor" if self.has_focus else "cursor-blurred"]
            return self._strip(self._lines[index], base + cursor, width)
        return self._strip(self._lines[index], base, width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines."""
        return len(self._lines) + self.header_height

    def notify_style_update(self) -> None:
        """Take the colours of the theme, which may be another one."""
        super().notify_style_update()
        self._base = None
        tones = tones_of(self.app.theme_variables)
        if tones is not self._tones:
            self._tones = tones
            self.refresh()

    def _refresh_changes(self, old: Line, new: Line, y: int) -> None:
        runs = changed_runs(old, new, self.size.width)
        if runs:
            self.refresh(*(Region(x, y, cells, 1) for x, cells in runs))

    def _strip(self, line: Line, base: Style, width: int) -> Strip:
        """Neighbours of one tone become one segment: every segment costs a colour code on the wire.

        This is where all text passes, so this is where it loses what could move the terminal's cursor.
        """
        texts: list[str] = []
        segments: list[Segment] = []
        style: Style | None = None
        for text, tone in line:
            wanted = base + (tone if isinstance(tone, Style) else self._tones[tone])
            if style is not None and wanted != style:
                segments.append(Segment("".join(texts), style))
                texts.clear()
            style = wanted
            texts.append(clean(text))
        if style is not None:
            segments.append(Segment("".join(texts), style))
        return Strip(segments).adjust_cell_length(width, base)


def titled(title: str, view: View) -> View:
    """The same with this title on its border."""
    view.entitle(title)
    return view
