"""The numbers that an anomaly takes, with their bounds, and what is wrong with those of its severities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.anomalies.injection import SEVERITIES
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from distdiag_core.anomalies.template import Value


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that the commands of an anomaly take, and its bounds, both included."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    least: float
    most: float
    unit: str = ""


def problems(severities: Mapping[str, Mapping[str, Value]], parameters: Mapping[str, Parameter]) -> Iterator[str]:
    """What is wrong with `severities`, each of which has to give every one of `parameters`."""
    if set(severities) != set(SEVERITIES):
        yield f"severities: must be {', '.join(SEVERITIES)}, not {', '.join(severities)}"
    for severity, values in severities.items():
        where = f"severities: {severity}"
        for name in set(parameters) ^ set(values):
            wrong = "is no parameter" if name in values else "is missing"
            yield f"{where}: {name}: {wrong}"
        for name in set(parameters) & set(values):
            value, bounds = values[name], parameters[name]
            if isinstance(value, str) or not bounds.least <= value <= bounds.most:
                yield f"{where}: {name}: must be a number from {bounds.least:g} to {bounds.most:g}, not {value!r}"
