"""The documentation of the anomalies says what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from distdiag_core import places
from distdiag_core.anomalies import catalogue
from tests.bench.anomaly_page import effects_of, endings_of, page

_PAGE = Path(__file__).parents[2] / "docs" / "anomalies.md"
_SHIPPED = places.shipped_config() / "anomalies"


def test_the_page_is_up_to_date() -> None:
    text = _PAGE.read_text(encoding="utf-8")
    written = page(catalogue.load(_SHIPPED), effects_of(text), endings_of(text))
    assert written == text, "run python tests/bench/bench_effects.py --write"


def test_effects_survive_a_new_page() -> None:
    effects = {("cpu_stress", "low"): ("20 → 18", "21 → 40", "`host.cpu.usage` +6", "n2 `sysstat.x` +1")}
    assert effects_of(page(catalogue.load(_SHIPPED), effects)) == effects


def test_the_endings_survive_a_new_page() -> None:
    endings = "## Endings\n\n| anomaly | a |\n\n"
    text = page(catalogue.load(_SHIPPED), {}, endings)
    assert endings_of(text) == endings
    assert page(catalogue.load(_SHIPPED), {}, endings_of(text)) == text
