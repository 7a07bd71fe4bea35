"""The page about workloads agrees with the benchmarks and profiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from distdiag_core.workloads import benchmark_options, benchmark_registry
from distdiag_core.workloads.control import profiles

_PAGE = Path(__file__).parents[2] / "docs" / "workloads.md"


@pytest.mark.parametrize("kind", benchmark_registry.names())
def test_every_size_of_a_benchmark_is_named(kind: str) -> None:
    page = _PAGE.read_text()

    sizes = [
        each.name
        for each in benchmark_options.described(benchmark_registry.benchmark(kind).options)
        if each.needs_prepare
    ]
    assert sizes
    assert [name for name in sizes if f"--{name.replace('_', '-')}" not in page] == []


def test_profiles_on_the_page_exist() -> None:
    named = {word for line in _PAGE.read_text().splitlines() if "--profile " in line for word in line.split()}

    assert named & {profile.name for profile in profiles.load()}
