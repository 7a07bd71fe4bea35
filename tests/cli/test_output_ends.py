"""What becomes of a verb whose output cannot be written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import distdiag_core.cli

VERB = [sys.executable, "-c", "from distdiag_tui.main import main; main()"]
CLUSTER = "name: t\nsources: [host]\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n"


def arguments(tmp_path: Path, verb: str) -> list[str]:
    (tmp_path / "c.yaml").write_text(CLUSTER, encoding="ascii")
    return [*VERB, "--config", str(tmp_path / "c.yaml"), *verb.split()]


@pytest.mark.parametrize("verb", ["watch", "watch --json"])
def test_reader_that_has_gone_is_no_failure(tmp_path: Path, verb: str) -> None:
    with subprocess.Popen(arguments(tmp_path, verb), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(timeout=60), said) == (0, b"")


@pytest.mark.parametrize("verb", ["watch", "watch --json", "info", "config show"])
def test_full_device_fails_with_one_line(tmp_path: Path, verb: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(arguments(tmp_path, verb), stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == ["distdiag: the output cannot be written: No space left on device"]


def test_help_that_cannot_be_written_fails_with_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            arguments(tmp_path, "--help"), stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"distdiag: No space left on device\n")


def test_verbs_print_in_one_way_alone() -> None:
    root = Path(distdiag_core.cli.__file__).parent
    direct = re.compile(r"click\.s?echo|\bprint\(|sys\.std(out|err)\.write|click\.style")
    assert [file.name for file in sorted(root.glob("*.py")) if direct.search(file.read_text("utf-8"))] == ["output.py"]
