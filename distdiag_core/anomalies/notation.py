"""The notation of one anomaly of a compound injection: `ANOMALY@NODE,NODE:SEVERITY+START/DURATION`.

Everything but the anomaly may be left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from distdiag_core.anomalies.compound import CompoundPart
from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings.duration import parse_duration

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Severity

_FORM = re.compile(
    r"(?P<anomaly>[^@:+/]+)(@(?P<nodes>[^@:+/]+))?(:(?P<severity>[^@:+/]+))?(\+(?P<start>[^@:+/]+))?(/(?P<last>[^@:+/]+))?"
)
_NOW = ("0", "0s")
_HINT = "write for instance cpu_stress@n1,n2:high+10s/60s; all but the anomaly may be left out"


def parse(text: str, nodes: tuple[str, ...], severity: Severity, duration_s: float) -> CompoundPart:
    """The anomaly that `text` names, on these nodes, at this severity and for so long where it does not say.

    Raises:
        ConfigError: it is not in the notation.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"{quoted(text)} names no anomaly", hint=_HINT)
    named = tuple(name.strip() for name in (found["nodes"] or "").split(",") if name.strip())
    return CompoundPart(
        InjectionRequest(
            found["anomaly"],
            named or nodes,
            _severity(found["severity"], severity),
            _seconds(found["last"], duration_s, text),
        ),
        0.0 if found["start"] in _NOW else _seconds(found["start"], 0.0, text),
    )


def written(part: CompoundPart) -> str:
    """A part in the notation, nothing left out but a start offset of zero."""
    request = part.request
    start = f"+{part.offset_s:g}s" if part.offset_s else ""
    return f"{request.anomaly}@{','.join(request.nodes)}:{request.severity}{start}/{request.duration_s:g}s"


def _severity(text: str | None, otherwise: Severity) -> Severity:
    if text is None:
        return otherwise
    for severity in SEVERITIES:
        if severity == text:
            return severity
    raise ConfigError(f"no severity is called {quoted(text)}", hint=f"there are: {', '.join(SEVERITIES)}")


def _seconds(text: str | None, otherwise: float, part: str) -> float:
    if text is None:
        return otherwise
    seconds = parse_duration(text)
    if seconds is None:
        raise ConfigError(f"{quoted(text)} is no time", where=part, hint=_HINT)
    return seconds
