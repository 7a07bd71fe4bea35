"""Whatever silences a check of the product says why, beside it."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_SILENT = re.compile(r"# (noqa|type: ignore)\b")
_EXPLAINED = re.compile(r"# noqa: [A-Z0-9, ]+ - \S|# type: ignore\[[a-z, -]+\] +# \S")


def test_every_suppression_has_its_reason() -> None:
    found = [
        f"{path.relative_to(_ROOT)}:{number}: {line.strip()}"
        for tree in ("distdiag_core", "distdiag_tui")
        for path in sorted((_ROOT / tree).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if _SILENT.search(line) and not _EXPLAINED.search(line)
    ]
    assert found == []
