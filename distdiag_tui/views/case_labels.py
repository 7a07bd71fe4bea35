"""The labels of a case as they are typed: `cpu_stress@n2 20-60`, in seconds of the case, with commas between."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.dataset.case import Label
from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Case

_TYPED = re.compile(r"(?P<anomaly>[^@\s]+)@(?P<node>\S+)\s+(?P<start>\d+(?:\.\d+)?)-(?P<end>\d+(?:\.\d+)?)", re.ASCII)


def as_typed(case: Case) -> str:
    """Its labels as they are typed; empty for a normal case."""
    return ", ".join(_as_typed(label, _first_s(case)) for label in case.labels)


def parse(typed: str, case: Case) -> tuple[Label, ...]:
    """What was typed for `case`; a label that was left as it is keeps its exact times, and its severity.

    Raises:
        ConfigError: a part of it is no label.
    """
    first_s = _first_s(case)
    before = {_as_typed(label, first_s): label for label in case.labels}
    severities = {(label.anomaly, label.node): label.severity for label in case.labels}
    labels = []
    for part in filter(None, (each.strip() for each in typed.split(","))):
        label = before.get(part) or _label(part, first_s)
        labels.append(replace(label, severity=severities.get((label.anomaly, label.node))))
    return tuple(labels)


def _label(part: str, first_s: float) -> Label:
    found = _TYPED.fullmatch(part)
    if found is None:
        raise ConfigError(
            f"{quoted(part)} is no label",
            where="Anomalies",
            hint="give ANOMALY@NODE FROM-TO, for instance cpu_stress@n2 20-60",
        )
    return Label(found["anomaly"], found["node"], first_s + float(found["start"]), first_s + float(found["end"]))


def _as_typed(label: Label, first_s: float) -> str:
    return f"{label.anomaly}@{label.node} {label.start_s - first_s:.0f}-{label.end_s - first_s:.0f}"


def _first_s(case: Case) -> float:
    return float(case.window.times_s[0])
