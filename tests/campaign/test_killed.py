"""A killed campaign loses only its present case, and the next run continues."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.campaign.runner import Outcome, run
from distdiag_core.dataset.case_files import case_directory
from tests.campaign.dying import STEPS
from tests.campaign.small import SINGLES

if TYPE_CHECKING:
    from tests.small_cluster import SmallCluster

_ROOT = Path(__file__).parents[2]


def _cases_in(directory: Path) -> int:
    return sum(case_directory.is_case(path) for path in directory.iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize("step", STEPS)
async def test_a_partial_directory_is_no_case(cluster: SmallCluster, tmp_path: Path, step: str) -> None:
    out = tmp_path / "cases"
    out.mkdir()
    command = [sys.executable, "-m", "tests.campaign.dying", str(out), step]
    ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False)  # noqa: ASYNC221 - nothing else goes on
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert _cases_in(out) == 1
    assert await run(SINGLES, cluster, out, lambda _: None) == Outcome(4, 4, {})
    written = case_directory.read_all(out)
    assert len(written) == 4
    assert all(len(case.labels) == 1 and len(case.normal) == 2 for case in written)
    recorded = [act for act in cluster.log if act.startswith("inject")]
    assert len(recorded) == 3
