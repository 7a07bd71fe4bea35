"""The name of an anomaly that is of no known kind."""

from __future__ import annotations

UNKNOWN_ANOMALY = "unknown"
UNKNOWN_ANOMALY_LABEL = "no known kind"
