"""The packages of programs on Debian's and on Red Hat's systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_APT, _YUM = "apt-get install", "yum install"
# Where the package is not called like the program: that of Debian, that of Red Hat.
_PACKAGES = {
    "tc": ("iproute2", "iproute-tc"),
    "iptables-legacy": ("iptables", "iptables-legacy"),
    "nft": ("nftables", "nftables"),
    "unshare": ("util-linux", "util-linux"),
    "dd": ("coreutils", "coreutils"),
    "head": ("coreutils", "coreutils"),
    "tail": ("coreutils", "coreutils"),
}
_KERNEL_MODULES = ("linux-modules-extra-$(uname -r)", "kernel-modules-extra")


def install(programs: Iterable[str], installer: str) -> tuple[str, ...]:
    """The lines that install programs.

    Args:
        installer: `apt-get` or `yum`, which is found on the node; empty where it has neither, for both lines.
    """
    return _lines([_PACKAGES.get(program, (program, program)) for program in programs], installer)


def install_kernel_modules(installer: str) -> tuple[str, ...]:
    """The lines that install the modules that distributions leave out of their kernels."""
    return _lines([_KERNEL_MODULES], installer)


def _lines(packages: list[tuple[str, str]], installer: str) -> tuple[str, ...]:
    apt = f"{_APT} {' '.join(dict.fromkeys(debian for debian, _ in packages))}"
    yum = f"{_YUM} {' '.join(dict.fromkeys(red_hat for _, red_hat in packages))}"
    return {"apt-get": (apt,), "yum": (yum,)}.get(installer, (apt, yum)) if packages else ()
