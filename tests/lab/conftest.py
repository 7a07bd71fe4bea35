"""The real cluster: brought up once per run, unless it is up already, and taken down only if it was not."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from distdiag_core import lab as distdiag_lab
from distdiag_core.errors import ConfigError, RefusedError
from distdiag_core.lab.status import LabKind, LabProgress, LabStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

# Set it to let the tests take apart a lab that was up already.
_EXPENDABLE = "DISTDIAG_LAB_IS_EXPENDABLE"


@dataclass(frozen=True, slots=True)
class Lab:
    """The lab that the tests run on; one that we built ourselves may also be taken apart."""

    status: LabStatus
    ours: bool


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that take the lab apart come last: the others go on with what they are connected to."""
    items.sort(key=lambda item: ("galera" in item.name, "rebuild" in item.name))


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The lab, complete and healthy."""
    before = asyncio.run(distdiag_lab.status())
    try:
        status = asyncio.run(distdiag_lab.up(max(3, len(before.nodes)), install=False, progress=say))
    except (ConfigError, RefusedError) as obstacle:
        pytest.skip(f"THE LAB CANNOT BE BUILT HERE: {obstacle}")
    ours = before.kind is LabKind.ABSENT or _EXPENDABLE in os.environ
    try:
        if status.kind is not LabKind.COMPLETE:
            pytest.skip(f"THE LAB IS NOT COMPLETE HERE: {'; '.join(status.losses)}")
        yield Lab(status, ours)
    finally:
        if ours:
            asyncio.run(distdiag_lab.down(say))


def say(progress: LabProgress) -> None:
    """Show in a failed test's report how far it came."""
    sys.stderr.write(f"{progress}\n")
