"""The report line that the client programs of distdiag print each second: `WorkloadFigures` as one JSON object."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

from distdiag_core.errors import DataError
from distdiag_core.settings import json_document
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures

_Figure = json_document.Rate | None
_CONFIG = {"extra": "forbid", "allow_inf_nan": False}


@dataclass(frozen=True, slots=True)
class _TypeEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    tps: _Figure
    p50_ms: _Figure = None
    p95_ms: _Figure = None
    p99_ms: _Figure = None
    errors_per_s: _Figure = 0.0


@dataclass(frozen=True, slots=True)
class _Report:
    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    tps: _Figure
    qps: _Figure
    p95_ms: _Figure
    errors_per_s: _Figure
    threads: json_document.Count
    p50_ms: _Figure = None
    p99_ms: _Figure = None
    types: dict[str, _TypeEntry] = field(default_factory=dict)
    extra: dict[str, _Figure] = field(default_factory=dict)
    note: str = ""


def encode(figures: WorkloadFigures) -> str:
    """Encode figures as a line without its newline; NaN becomes null."""
    return json.dumps(_known(asdict(figures)), separators=(",", ":"), allow_nan=False)


def decode(line: str) -> WorkloadFigures | None:
    """Parse a line; None where it is no report, or a damaged one."""
    if not line.startswith("{"):
        return None
    try:
        report = json_document.parse(line, _Report, where="the report of a client")
    except DataError:
        return None
    types = {name: TypeFigures(**_figures(each)) for name, each in report.types.items()}
    extra = {name: _figure(value) for name, value in report.extra.items()}
    return WorkloadFigures(**_figures(report) | {"types": types, "extra": extra})


def _known(value: Any) -> Any:  # noqa: ANN401 - JSON has no narrower type
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _figures(entry: _TypeEntry | _Report) -> dict[str, Any]:
    return {each.name: _figure(getattr(entry, each.name)) for each in fields(entry)}


def _figure(value: Any) -> Any:  # noqa: ANN401 - of any field
    return math.nan if value is None else value
