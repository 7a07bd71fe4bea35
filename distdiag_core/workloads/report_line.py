"""The report line that the client programs of distdiag print each second: `WorkloadFigures` as one JSON object."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures

if TYPE_CHECKING:
    from collections.abc import Mapping


def encode(figures: WorkloadFigures) -> str:
    """Encode figures as a line without its newline; NaN becomes null."""
    return json.dumps(_known(asdict(figures)), separators=(",", ":"), allow_nan=False)


def decode(line: str) -> WorkloadFigures | None:
    """Parse a line; None where it is no report, or a damaged one."""
    if not line.startswith("{"):
        return None
    try:
        data = json.loads(line)
        types = {str(name): TypeFigures(**_figures(each)) for name, each in data.pop("types", {}).items()}
        extra = _figures(data.pop("extra", {}))
        threads, note = data.pop("threads"), data.pop("note", "")
        if type(threads) is not int or threads < 0 or not isinstance(note, str):
            return None
        return WorkloadFigures(**_figures(data), threads=threads, types=types, extra=extra, note=note)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _known(value: Any) -> Any:  # noqa: ANN401 - JSON has no narrower type
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _figures(values: Mapping[str, object]) -> dict[str, Any]:
    return {str(name): _figure(value) for name, value in values.items()}


def _figure(value: object) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError(f"{value!r} is no figure")
    return float(value)
