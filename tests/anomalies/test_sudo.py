"""What needs root is done by sudo where the account is another one, and what sudo refuses is said."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.catalogue import AnomalyCatalogue, Method
from distdiag_core.anomalies.clearing_errors import PartlyClearedError
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import UnsupportedError
from tests.anomalies.catalogue_data import anomaly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.cluster.shell import CommandResult

_NOBODY = 65534
_LEASES_OF_ROOT, _LEASES_OF_NOBODY = Path("/var/lib/distdiag"), Path(f"/tmp/distdiag-{_NOBODY}")  # noqa: S108 - where they are
AS_ROOT = Method(
    name="by root",
    root=True,
    setup=("mkdir {data_dir}/distdiag-{id}",),
    run="exec sleep 300",
    check=("test -n $PIDS", "test $(stat -c %u {data_dir}/distdiag-{id}) = 0"),
    undo=("rm -rf -- {data_dir}/distdiag-{id}",),
    gone=("test ! -e {data_dir}/distdiag-{id}",),
)
AS_ANYBODY = Method(name="by anybody", run="exec sleep 300", check=("test -n $PIDS",))
CATALOGUE = AnomalyCatalogue((anomaly("rooted", AS_ROOT), anomaly("either", AS_ROOT, AS_ANYBODY)))


def _possible() -> bool:
    return os.geteuid() == 0 and shutil.which("sudo") is not None and not _LEASES_OF_NOBODY.exists()


pytestmark = [
    pytest.mark.skipif(not _possible(), reason="NEEDS ROOT, AND sudo INSTALLED"),
    # The leases of this account lie where this machine has one place for them.
    pytest.mark.xdist_group("leases of nobody"),
]


@dataclass(frozen=True)
class NobodysShell:
    """Runs programs as nobody, with rules for sudo of our own, and leases of root that are not the machine's."""

    node: str
    directory: Path

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run it to its end."""
        inside = f"""
            mount --bind {self.directory}/sudoers /etc/sudoers
            mount --bind {self.directory}/leases {_LEASES_OF_ROOT}
            exec setpriv --reuid={_NOBODY} --regid={_NOBODY} --clear-groups sh -c {shlex.quote(command)}"""
        words = ["unshare", "--mount", "sh", "-ec", inside]
        return await LocalShell(self.node).run(shlex.join(words), stdin=stdin, timeout_s=timeout_s)


@dataclass(frozen=True)
class Place:
    """A node that is reached as nobody."""

    directory: Path

    def injector(self, sudoers: str) -> Injector:
        """With these rules for sudo."""
        (self.directory / "sudoers").write_text(sudoers, encoding="ascii")
        node = NodeSettings(name="n1", host="127.0.0.1", connection="local", data_dir=str(self.directory / "data"))
        cluster = ClusterSettings(name="here", nodes=(node,), read_only=False)
        shell = NobodysShell("n1", self.directory)
        return Injector(cluster, {"n1": shell}, CATALOGUE)  # type: ignore[dict-item] # it only ever runs to the end

    @property
    def left(self) -> list[Path]:
        """Leases of anybody, and what the anomalies made."""
        return [path for place in ("leases", "data") for path in (self.directory / place).iterdir()]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    for directory in ("leases", "data"):
        (tmp_path / directory).mkdir(mode=0o700)
    (tmp_path / "sudoers").touch(mode=0o440)
    made = not _LEASES_OF_ROOT.exists()
    _LEASES_OF_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
    yield Place(tmp_path)
    if made:
        with suppress(OSError):
            _LEASES_OF_ROOT.rmdir()
    shutil.rmtree(_LEASES_OF_NOBODY, ignore_errors=True)


ALLOWED = "nobody ALL=(root) NOPASSWD: ALL\n"
REFUSED = "root ALL=(ALL) ALL\n"


async def test_what_needs_root_is_done_by_sudo_found_again_and_ended(place: Place) -> None:
    injector = place.injector(ALLOWED)
    plan = await injector.plan(InjectionRequest("rooted", ("n1",), "low", 60))
    assert plan.steps[0].sudo
    (injection,) = await injector.inject(plan)
    assert injection.state is InjectionState.ACTIVE
    assert (place.directory / "leases" / injection.id).is_dir()
    assert [each.id for each in await injector.active()] == [injection.id]
    (cleared,) = await injector.clear_all()
    assert (cleared.id, cleared.state) == (injection.id, InjectionState.CLEARED)
    assert place.left == []


async def test_what_sudo_refuses_is_said(place: Place) -> None:
    injector = place.injector(REFUSED)
    with pytest.raises(UnsupportedError, match=r"by root: needs root, and sudo refuses: .*password"):
        await injector.plan(InjectionRequest("rooted", ("n1",), "low", 60))
    assert place.left == []


async def test_a_way_that_needs_no_root_goes_without(place: Place) -> None:
    injector = place.injector(REFUSED)
    plan = await injector.plan(InjectionRequest("either", ("n1",), "low", 60))
    assert (plan.steps[0].method, plan.steps[0].sudo) == ("by anybody", False)
    (injection,) = await injector.inject(plan)
    (cleared,) = await injector.clear([injection.id])
    assert cleared.state is InjectionState.CLEARED
    assert place.left == []


async def test_leases_of_root_that_may_not_be_asked_for_are_not_passed_over_in_silence(place: Place) -> None:
    allowed, refused = place.injector(ALLOWED), place.injector(REFUSED)
    assert await refused.active() == ()
    assert [*refused.unasked] == []
    place.injector(ALLOWED)
    (of_root,) = await allowed.inject(await allowed.plan(InjectionRequest("rooted", ("n1",), "low", 60)))
    place.injector(REFUSED)
    assert await refused.active() == ()
    (remark,) = refused.unasked
    assert re.search(r"^n1 cannot be asked: sudo refuses to tell of root's leases: .*password", remark)
    with pytest.raises(PartlyClearedError, match="sudo refuses to tell of root's leases"):
        await refused.clear_all()
    place.injector(ALLOWED)
    (cleared,) = await allowed.clear_all()
    assert (cleared.id, cleared.state) == (of_root.id, InjectionState.CLEARED)
    assert place.left == []


async def test_leases_of_both_accounts_are_listed_and_cleared_together(place: Place) -> None:
    refused = place.injector(REFUSED)
    (own,) = await refused.inject(await refused.plan(InjectionRequest("either", ("n1",), "low", 60)))
    allowed = place.injector(ALLOWED)
    (of_root,) = await allowed.inject(await allowed.plan(InjectionRequest("rooted", ("n1",), "low", 60)))
    assert {each.id for each in await allowed.active()} == {own.id, of_root.id}
    cleared = await allowed.clear_all()
    assert {each.id for each in cleared} == {own.id, of_root.id}
    assert {each.state for each in cleared} == {InjectionState.CLEARED}
    assert place.left == []
