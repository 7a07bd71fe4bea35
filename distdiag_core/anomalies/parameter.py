"""The parameters of an anomaly with their bounds, and the check of the values of its severities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.anomalies.injection import SEVERITIES
from distdiag_core.errors import quoted
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from distdiag_core.anomalies.template import Value


@dataclass(frozen=True, slots=True)
class Parameter:
    """A numeric parameter of the commands of an anomaly, with its inclusive bounds."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    least: float
    most: float
    unit: str = ""


def problems(severities: Mapping[str, Mapping[str, Value]], parameters: Mapping[str, Parameter]) -> Iterator[str]:
    """The problems of `severities`, each of which has to give all `parameters` within their bounds."""
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
                yield f"{where}: {name}: must be a number from {bounds.least:g} to {bounds.most:g}, not {quoted(value)}"
