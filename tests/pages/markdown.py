"""Markdown: tables to write, and the links, headings, commands and names that a page has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_FENCE = re.compile(r"^\s*```")
_HEADING = re.compile(r"^#{1,6} (.+?)\s*$")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"`([^`\n]+)`")
_INDENT = "    "


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; a bar within a cell is escaped."""
    header = tuple(header)
    lines = (header, ("---",) * len(header), *rows)
    return "".join(f"|{'|'.join(map(_cell, line))}|\n" for line in lines)


def _cell(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f" {escaped} " if escaped else " "


def anchor(heading: str) -> str:
    """What a link to a heading names, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Document:
    """A page in Markdown."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Document:
        """The page of a file."""
        return cls(path, path.read_text(encoding="utf-8"))

    def prose(self) -> Iterator[str]:
        """The lines outside of code blocks."""
        return (line for line, code in self._lines() if not code)

    def code(self) -> Iterator[str]:
        """The lines of code blocks, without their indentation."""
        return (line.strip() for line, code in self._lines() if code)

    def links(self) -> tuple[str, ...]:
        """The targets of links and pictures."""
        return tuple(target for line in self.prose() for target in _LINK.findall(line))

    def anchors(self) -> frozenset[str]:
        """What links to the headings may name."""
        headings = (found[1] for line in self.prose() if (found := _HEADING.match(line)))
        return frozenset(map(anchor, headings))

    def inline(self) -> tuple[str, ...]:
        """The pieces of code within lines of prose."""
        return tuple(piece for line in self.prose() for piece in _INLINE.findall(line))

    def yaml_blocks(self) -> tuple[str, ...]:
        """The code blocks that are indented, each without its indentation."""
        blocks, block = [], []
        for line, code in self._lines():
            if code and line.startswith(_INDENT):
                block.append(line.removeprefix(_INDENT))
            elif block and not line.strip():
                block.append("")
            elif block:
                blocks.append("\n".join(block).rstrip() + "\n")
                block = []
        return (*blocks, *(["\n".join(block).rstrip() + "\n"] if block else []))

    def _lines(self) -> Iterator[tuple[str, bool]]:
        """Each line, and whether it is of a code block: fenced, or indented after an empty line."""
        fenced = indented = False
        before = ""
        for line in self.text.split("\n"):
            if _FENCE.match(line):
                fenced = not fenced
            elif fenced:
                yield line, True
            else:
                indented = (line.startswith(_INDENT) and (indented or not before.strip())) or (
                    indented and not line.strip()
                )
                yield line, indented
            before = line
