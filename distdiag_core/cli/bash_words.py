"""The words of a command line as bash splits them, for its completion."""

from __future__ import annotations

import re
from typing import Any

from click.shell_completion import BashComplete, CompletionItem

# At these bash begins a new word, as it comes from the factory; in the arguments of distdiag they are inside of words.
_BREAKS = re.compile(r"[@:=]+")


class BashWords(BashComplete):
    """Completion in bash, which takes `cpu_stress@n1` for three words and replaces the last of them alone."""

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*arguments)
        self._kept = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor and the one that is begun, put together again."""
        before, begun = super().get_completion_args()
        words: list[str] = []
        joined = False
        for word in [*before, begun]:
            breaks = _BREAKS.fullmatch(word) is not None
            if words and (joined or breaks):
                words[-1] += word
            else:
                words.append(word)
            joined = breaks
        *whole, last = words
        self._kept = last.removesuffix(_replaced(before, begun))
        return whole, last

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """What bash puts in the place of the last of its words."""
        return f"{item.type},{item.value.removeprefix(self._kept)}"


def _replaced(before: list[str], begun: str) -> str:
    """What bash replaces: its word, with the `@` before it; after another break nothing, so that it appends."""
    if begun.endswith("@"):
        return "@"
    if _BREAKS.fullmatch(begun):
        return ""
    return f"@{begun}" if before and before[-1].endswith("@") else begun
