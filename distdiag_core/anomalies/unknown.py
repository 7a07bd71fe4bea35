"""The name of what is an anomaly and none of the known kinds."""

from __future__ import annotations

UNKNOWN = "unknown"
UNKNOWN_LABEL = "no known kind"
