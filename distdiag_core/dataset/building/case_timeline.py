"""The timeline of a case: everything of it but its frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.dataset.building import spans as injection_spans
from distdiag_core.dataset.building.spans import Span  # noqa: TC001 - read from a file as well
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Label


@dataclass(frozen=True, slots=True)
class CaseTimeline:
    """One case, open or ended; all times are times of ticks.

    Attributes:
        name, group, source, workload, scenario, category: as in `Case`.
        start_s, end_s: its first and its last tick; `end_s` is None while it is open.
        asked_s: when its anomalies were asked for; None for a normal case.
        spans: its injections.
        recovery_s: how long after the last of them nothing is called normal.
        unsettled_until_s: a later tick before which nothing is called normal either; None where there is none.
        excluded: as in `Case`; empty where it is not.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    name: str
    group: str
    source: str
    workload: str
    start_s: float
    end_s: float | None = None
    asked_s: float | None = None
    spans: tuple[Span, ...] = ()
    recovery_s: float = 0.0
    unsettled_until_s: float | None = None
    excluded: str = ""
    scenario: str | None = None
    category: str | None = None

    def ended(self, end_s: float, excluded: str = "") -> CaseTimeline:
        """The timeline with its end; `excluded` where no earlier reason is known."""
        return replace(self, end_s=end_s, excluded=self.excluded or excluded)

    def labels(self, end_s: float) -> tuple[Label, ...]:
        """The anomalies of the case, where it ends at `end_s`."""
        return injection_spans.labels(self.spans, end_s)

    def normal(self, end_s: float) -> tuple[tuple[float, float], ...]:
        """The stretches that are known to be normal, where the case ends at `end_s`; empty for a normal case.

        Normal is what comes before the anomalies were asked for, or before one of them began unasked, and what comes
        after the recovery from the last one. Setting in, ending and recovery are neither normal nor an anomaly.
        """
        if self.asked_s is None:
            return ()
        clean_until_s = min((self.asked_s, *(span.began_s for span in self.spans)))
        stretches = ((self.start_s, clean_until_s), (self._recovered_s(end_s), end_s))
        return tuple((first_s, last_s) for first_s, last_s in stretches if first_s < last_s)

    def _recovered_s(self, end_s: float) -> float:
        gone = [span.gone_s for span in self.spans if span.gone_s is not None]
        if len(gone) < len(self.spans) or not gone:
            return end_s
        recovered_s = max(gone) + self.recovery_s
        return recovered_s if self.unsettled_until_s is None else max(recovered_s, self.unsettled_until_s)


def name_stamp(time_s: float) -> str:
    """A time as a part of a name."""
    return f"{datetime.fromtimestamp(time_s, UTC):%Y%m%dT%H%M%S}"
