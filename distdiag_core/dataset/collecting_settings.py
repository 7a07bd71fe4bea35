"""The section `collecting` of the cluster file: the parts of a case, and the balance of a dataset."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le
from pydantic.dataclasses import dataclass

from distdiag_core.cluster import sections
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS, Number, Seconds


@dataclass(frozen=True, slots=True, config=SETTINGS)
class CollectingSettings:
    """The parts of a case that is collected, and the balance of a dataset."""

    before_s: Annotated[Seconds, Ge(1), Le(120)] = 20.0
    """The normal stretch before an anomaly; an injection waits until it is complete."""
    after_s: Annotated[Seconds, Ge(1), Le(120)] = 20.0
    """The stretch after an anomaly."""
    recovery_s: Annotated[Seconds, Ge(0), Le(60)] = 5.0
    """The part of the stretch after an anomaly that is not normal yet."""
    settle_s: Annotated[Seconds, Ge(0), Le(120)] = 15.0
    """The time after a change of the workload that is not normal yet."""
    balance_points: Annotated[Number, Ge(0), Le(100), Words("a number of percentage points")] = 30.0
    """The largest difference between the normal and the anomalous share of a balanced dataset.

    With 30, shares of 40 % and 60 % are balanced.
    """


sections.register(sections.Section("collecting", CollectingSettings))
