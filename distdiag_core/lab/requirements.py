"""The requirements of the complete lab on this machine, with the Debian packages that meet them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import CommandFailedError, ConfigError
from distdiag_core.lab import cgroups
from distdiag_core.lab.programs import run

# Required programs of the complete lab, by package.
_REQUIRED = {
    "iproute2": ("ip",),
    "util-linux": ("unshare", "nsenter", "losetup", "pivot_root", "setpriv", "flock", "findmnt", "setsid"),
    "mount": ("mount", "umount"),
    "e2fsprogs": ("mkfs.ext4",),
    "openssh-server": ("sshd",),
}
# Optional programs, with the loss without them; the package has the same name.
_OPTIONAL = {
    "lxcfs": "in every node /proc/stat, meminfo, loadavg and the like show the whole machine",
    "stress-ng": "stress on processors can only be made by plain shell loops",
    "fio": "stress on disks can only be made by simpler programs",
    "sysbench": "there is no sysbench workload",
    "iptables": "packets cannot be delayed where the kernel has no netem",
}
_NAMESPACES = ("net", "pid", "mnt", "uts", "ipc", "cgroup")
_FILE_SYSTEMS = ("ext4", "overlay")
_INSTALL_S = 600.0


@dataclass(frozen=True, slots=True)
class Requirements:
    """The unmet requirements: packages to install first, and obstacles that no package removes."""

    missing: tuple[str, ...]
    obstacles: tuple[str, ...]


async def examine() -> Requirements:
    """The unmet requirements of this machine and this user."""
    if os.geteuid() != 0:
        return Requirements((), ("it was not brought up by root",))
    missing = tuple(package for package, programs in _REQUIRED.items() if not all(map(has, programs)))
    return Requirements(missing, (*_kernel(), *await _modules()))


def check(missing: tuple[str, ...]) -> None:
    """Refuse to continue while required packages are missing.

    Raises:
        ConfigError: names them.
    """
    if missing:
        packages = " ".join(missing)
        raise ConfigError(
            f"programs of these packages are missing: {packages}",
            where="the lab",
            hint=f"apt-get install {packages}, or let `distdiag lab up --install` do it",
        )


async def install() -> None:
    """Install the missing required and optional packages with apt-get.

    Raises:
        ConfigError: there is no apt-get, or we are not root.
        CommandFailedError: apt-get failed.
    """
    packages = (*(await examine()).missing, *(program for program in _OPTIONAL if not has(program)))
    if not packages:
        return
    if os.geteuid() != 0 or not has("apt-get"):
        raise ConfigError(
            f"cannot install {' '.join(packages)}", where="--install", hint="that takes root, and apt-get"
        )
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes")
    await run(*quiet, "update", timeout_s=_INSTALL_S)
    await run(*quiet, "install", "--no-install-recommends", *packages, timeout_s=_INSTALL_S)


def losses() -> tuple[str, ...]:
    """The limitations of a lab on this machine, a sentence each."""
    programs = tuple(f"{program} is not installed: {loss}" for program, loss in _OPTIONAL.items() if not has(program))
    where = cgroups.hierarchies()
    limits = tuple(f"the cgroup controller {name} is not available: it limits no node" for name in where.lacking())
    fuse = () if Path("/dev/fuse").exists() else (f"there is no /dev/fuse: {_OPTIONAL['lxcfs']}",)
    stalls = () if where.v2 and Path("/proc/pressure").is_dir() else ("there are no pressure-stall figures of a node",)
    return (*programs, *limits, *fuse, *stalls)


def has(program: str) -> bool:
    """Whether the program is installed, in the PATH or in a directory of system programs."""
    directories = (os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin")
    return shutil.which(program, path=os.pathsep.join(directories)) is not None


def _kernel() -> tuple[str, ...]:
    obstacles = [
        f"the kernel has no {name} namespaces" for name in _NAMESPACES if not Path(f"/proc/self/ns/{name}").exists()
    ]
    roots = cgroups.hierarchies().roots()
    if not roots or not all(os.access(root, os.W_OK) for root in roots):
        obstacles.append("its control groups may not be written")
    return tuple(obstacles)


async def _modules() -> tuple[str, ...]:
    lacking = [name for name in _FILE_SYSTEMS if name not in _file_systems() and not await _load(name)]
    loop = _has_loop() or await _load("loop")
    obstacles = [f"the kernel has no {name} file system" for name in lacking]
    return (*obstacles, *(() if loop else ("the kernel has no loop devices",)))


def _file_systems() -> set[str]:
    return {line.split()[-1] for line in lines_of(Path("/proc/filesystems").read_text(encoding="ascii"))}


def _has_loop() -> bool:
    return Path("/dev/loop-control").exists()


async def _load(module: str) -> bool:
    if not has("modprobe"):
        return False
    try:
        await run("modprobe", module)
    except CommandFailedError:
        return False
    return True
