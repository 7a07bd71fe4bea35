"""The documentation of the anomalies says what the catalogue says."""

from __future__ import annotations

from distdiag_core import places
from distdiag_core.anomalies import catalogue
from tests.pages.anomaly_page import effects_of, endings_of, page

_SHIPPED = places.shipped_config() / "anomalies"


def test_effects_survive_a_new_page() -> None:
    effects = {("cpu_stress", "low"): ("20 → 18", "21 → 40", "`host.cpu.usage` +6", "n2 `sysstat.x` +1")}
    assert effects_of(page(catalogue.load(_SHIPPED), effects)) == effects


def test_the_endings_survive_a_new_page() -> None:
    endings = "## Endings\n\n| anomaly | a |\n"
    text = page(catalogue.load(_SHIPPED), {}, endings)
    assert endings_of(text) == endings
    assert page(catalogue.load(_SHIPPED), {}, endings_of(text)) == text
