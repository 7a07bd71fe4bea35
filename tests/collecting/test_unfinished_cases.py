"""Notes about unfinished cases with any value in any place: read, or removed; a console begins either way."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.collecting.unfinished_cases import Unfinished, UnfinishedCases, recordings_needed
from distdiag_core.dataset.building.case_timeline import CaseTimeline
from distdiag_core.dataset.building.spans import Span
from tests.mutations import mutations

if TYPE_CHECKING:
    from pathlib import Path

_INJECTION = Injection("1abc", "cpu_stress", "n1", "low", InjectionState.ACTIVE, 1e9 + 10, 1e9 + 40, "ann@desk")
_SPAN = Span(_INJECTION, 1e9 + 10, 1e9 + 11, 1e9 + 40, 1e9 + 41)
_CASE = CaseTimeline("c", "g", "live", "tpcc", 1e9, 1e9 + 60, 1e9 + 10, (_SPAN,), 30.0, scenario="A1", category="A")


def test_any_value_in_any_place_is_read_or_removed(tmp_path: Path) -> None:
    file = tmp_path / "shop-4711.json"
    # No process is that old.
    sound = json.loads(json.dumps(asdict(Unfinished("shop", "/run.sqlite", 4711, 1.0, (_CASE,)))))
    removed = 0
    for what, data in mutations(sound):
        file.write_text(json.dumps(data), encoding="utf-8")
        recordings_needed(tmp_path)
        found = list(UnfinishedCases(tmp_path, "shop").left_behind())
        if not file.exists():
            removed += 1
        for _, note in found:
            for case in note.cases:
                end_s = case.end_s if case.end_s is not None else case.start_s
                assert math.isfinite(case.start_s), what
                case.labels(end_s)
                case.normal(end_s)
    assert removed > 100
