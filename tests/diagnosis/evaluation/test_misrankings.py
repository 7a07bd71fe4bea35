"""What went wrong is named, and counted by what it was taken for."""

from __future__ import annotations

from distdiag_core.diagnosis.evaluation.misrankings import ELSEWHERE, NOTHING, confusion


def test_what_is_taken_for_what() -> None:
    cpu, io = ("n1", "cpu_stress"), ("n1", "io_stress")
    pairs = [
        (frozenset({cpu}), frozenset({cpu})),
        (frozenset({cpu}), frozenset({io})),
        (frozenset({cpu}), frozenset({("n2", "cpu_stress")})),
        (frozenset({cpu, io}), frozenset({cpu})),
        (frozenset[tuple[str, str]](), frozenset({io})),
        (frozenset[tuple[str, str]](), frozenset[tuple[str, str]]()),
    ]
    assert confusion(pairs) == {
        "cpu_stress": {"cpu_stress": 2, "io_stress": 1, ELSEWHERE: 1},
        "io_stress": {NOTHING: 1},
        NOTHING: {"io_stress": 1, NOTHING: 1},
    }
