"""The key `sources` of the cluster file, whose values name sources; each may bring a section."""

from __future__ import annotations

from distdiag_core.cluster import sections
from distdiag_core.metrics.source import SOURCES

sections.choose("sources", "source", SOURCES)
