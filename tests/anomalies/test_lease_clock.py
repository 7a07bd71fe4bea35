"""The deadline is one of the node's own clock, which goes on while the node is suspended."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.local import LocalShell
from tests.anomalies.catalogue_data import HARMLESS
from tests.anomalies.shells import SHELLS, become_sh
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cluster.shell import CommandResult
    from tests.anomalies.conftest import Here


def _may_mount() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


pytestmark = pytest.mark.skipif(not _may_mount(), reason="NEEDS ROOT, AND TO BE ALLOWED TO MOUNT")


@dataclass(frozen=True)
class ClockedShell:
    """Runs programs under a clock of our own: nothing here can suspend the machine."""

    node: str
    clock: Path

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run it to its end."""
        inside = f"mount --bind {self.clock} /proc/uptime; exec sh -c {shlex.quote(command)}"
        return await LocalShell(self.node).run(
            shlex.join(["unshare", "--mount", "sh", "-ec", inside]), stdin=stdin, timeout_s=timeout_s
        )


@pytest.mark.parametrize("shell", SHELLS)
async def test_an_hour_of_being_suspended_is_part_of_the_time(
    here: Here, shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_sh(shell, tmp_path / "bin", monkeypatch)
    clock = tmp_path / "uptime"
    clock.write_text("1000.50 900.00\n", encoding="ascii")
    injector = Injector(
        here.cluster,
        {name: ClockedShell(name, clock) for name in ("n1", "n2")},  # type: ignore[misc] # they only run to the end
        HARMLESS,
        lease_directory=str(here.leases),
    )
    (injection,) = await injector.inject(await injector.plan(InjectionRequest("sleep", ("n1",), "low", 600)))
    assert injection.state is InjectionState.ACTIVE
    # As it is written by somebody who never shows half of it.
    clock.write_text("4600.50 900.00\n", encoding="ascii")
    await until(lambda: not here.left, "the lease to end, long before 600 s", within_s=20)
    assert here.processes(injection.id) == set()
