"""What was done, compared with what is on record: the audit log, the events of recordings, the cases, and the log."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.dataset.case_files import case_yaml
from distdiag_core.errors import DistdiagError
from distdiag_core.recording import audit_log
from distdiag_core.recording.reader import Recording
from tests.bench.soak import figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from distdiag_core.dataset.case_files.case_yaml import CaseEntry
    from distdiag_core.recording.events import Event
    from tests.bench.soak.ledger import Injected, Ledger
    from tests.bench.soak.parts import Life, Part

# The nodes are asked every five seconds; one that is busy or was just killed answers later.
_SEEN_WITHIN_S = 25.0
# A console that has just begun does not know what was before.
_FIRST_S = 15.0
# The clocks of a node and of this machine are read one after the other.
_CASE_TOLERANCE_S = 10.0


@dataclass(slots=True)
class Findings:
    """What is on record, and what is missing there.

    Attributes:
        expected, lost: begins and ends of injections that a recording must have, and those that it has not.
        ticks, ticks_missing: of all recordings, within the lives of their writers.
        in_cases, excluded: injections that are in a case, and those of them whose case is excluded.
    """

    expected: int = 0
    lost: list[str] = field(default_factory=list)
    not_audited: list[str] = field(default_factory=list)
    ticks: int = 0
    ticks_missing: int = 0
    in_cases: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    in_no_case: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    log: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """Lines of the log that are errors."""
        return sum(count for level, _, count in self.log if level != "WARNING")


def find(ledger: Ledger, parts: Iterable[Part]) -> Findings:
    """Read all that is on record."""
    found = Findings()
    for part in parts:
        for life in part.lives:
            for path in sorted(life.recordings):
                _compare_recording(found, part.name, life, Path(path), ledger.injected)
    _compare_audit(found, ledger)
    _compare_cases(found, ledger.injected)
    kinds = figures.kinds(figures.log_lines())
    found.log = sorted(((level, text, count) for (level, text), count in kinds.items()), key=lambda each: -each[2])
    return found


def _compare_recording(found: Findings, part: str, life: Life, path: Path, injected: Sequence[Injected]) -> None:
    try:
        with Recording(path) as recording:
            first_s, last_s = recording.require_ticks()
            ticks = recording.count_ticks(first_s, last_s)
            interval_s = recording.meta.interval_s
            events = recording.events()
    except DistdiagError as error:
        found.unreadable.append(str(error))
        return
    found.ticks += ticks
    found.ticks_missing += max(0, round((last_s - first_s) / interval_s) + 1 - ticks)
    seen = _seen(events)
    ended_s = life.ended_s or last_s
    for each in injected:
        for state, at_s in (("begun", each.began_s), ("cleared", each.deadline_s)):
            if life.began_s + _FIRST_S < at_s and at_s + _SEEN_WITHIN_S < ended_s:
                found.expected += 1
                if (each.id, state) not in seen:
                    found.lost.append(f"{part} {life.number} has not that {each.anomaly} on {each.node} is {state}")


def _seen(events: Iterable[Event]) -> set[tuple[str, str]]:
    """The injections that the events tell of, each with the word of `_word`."""
    about = (each.data.get("injection") for each in events if each.kind == "injection")
    return {(each["id"], _word(each["state"])) for each in about if isinstance(each, dict)}


def _word(state: str) -> str:
    # One whose supervisor was killed at once was never seen active.
    return state if state == "cleared" else "begun"


def _compare_audit(found: Findings, ledger: Ledger) -> None:
    try:
        entries = audit_log.read(cluster="lab").entries
        begun = audit_log.begun("lab")
    except DistdiagError as error:
        found.unreadable.append(str(error))
        return
    found.not_audited += [f"inject {each.id}" for each in ledger.injected if each.id not in begun]
    counts = Counter(each.record.what for each in entries)
    for what, count in ledger.acts.items():
        if counts[what] < count:
            found.not_audited.append(f"{what}: {counts[what]} of {count}")


def _compare_cases(found: Findings, injected: Iterable[Injected]) -> None:
    cases: list[CaseEntry] = []
    for path in figures.cases():
        with suppress(DistdiagError):
            cases.append(case_yaml.load(path))
    for each in injected:
        case = next((case for case in cases if _has(case, each)), None)
        if case is None:
            found.in_no_case.append(f"{each.anomaly} on {each.node}")
            continue
        found.in_cases += 1
        if case.excluded or case.disturbed:
            found.excluded[case.excluded or case.disturbed or ""] += 1


def _has(case: CaseEntry, injected: Injected) -> bool:
    return any(
        label.type == injected.anomaly
        and label.node == injected.node
        and label.start - _CASE_TOLERANCE_S <= injected.deadline_s
        and injected.began_s <= label.end + _CASE_TOLERANCE_S
        for label in case.anomalies
    )
