"""A node that is this machine with directories of its own, where an account without rights keeps its leases."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.local import LocalShell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.cluster.shell import CommandResult

NOBODY = 65534
_HERE, _MEMORY = "/tmp", "/dev/shm"  # noqa: S108 - where accounts keep what they have no better place for


@dataclass(frozen=True)
class NobodysNode:
    """Runs programs as nobody, who sees directories of its own at /tmp and /dev/shm.

    Attributes:
        directory: what is at /tmp, and beside it what is at /dev/shm.
        environment: of the programs, which have nothing else but a path.
        before: a command of the same account before each program.
    """

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: str = ":"
    node: str = "n1"

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run it to its end."""
        variables = [f"{name}={value}" for name, value in {"PATH": os.environ["PATH"], **self.environment}.items()]
        account = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env", "-i", *variables]
        inside = f"""
            mount --bind {self.memory} {_MEMORY}
            mount --bind {self.here} {_HERE}
            exec {shlex.join([*account, "sh", "-c", f"{self.before}; {command}"])}"""
        words = ["unshare", "--mount", "sh", "-ec", inside]
        return await LocalShell(self.node).run(shlex.join(words), stdin=stdin, timeout_s=timeout_s)

    @property
    def here(self) -> Path:
        """What is at /tmp, as it is found from outside."""
        return self.directory / "here"

    @property
    def memory(self) -> Path:
        """What is at /dev/shm, as it is found from outside."""
        return self.directory / "memory"

    @property
    def data(self) -> Path:
        """Where the harmless anomalies leave their mark."""
        return self.here / "data"

    def make(self) -> None:
        """Make the directories: those that everybody may write, and one of the account for data."""
        for directory in (self.here, self.memory):
            directory.mkdir()
            directory.chmod(0o1777)
        self.make_own(self.data)

    def make_own(self, directory: Path) -> None:
        """Make a directory of the account."""
        directory.mkdir(mode=0o700)
        os.chown(directory, NOBODY, NOBODY)

    def injector(self, catalogue: AnomalyCatalogue) -> Injector:
        """Of these anomalies, with leases where the account has them by default."""
        node = NodeSettings(name=self.node, host="127.0.0.1", connection="local", data_dir=f"{_HERE}/data")
        cluster = ClusterSettings(name="here", nodes=(node,), read_only=False)
        return Injector(cluster, {self.node: self}, catalogue)  # type: ignore[dict-item] # it only runs to the end
