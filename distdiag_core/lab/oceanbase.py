"""The engine of OceanBase, a Python package: its directory, version and permissions."""

from __future__ import annotations

import stat
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from distdiag_core.lab.plan import NodePlan
    from distdiag_core.lab.status import Progress

PACKAGE = "pylibseekdb"
# 1.4 has no GV$SYSSTAT.
VERSION = "1.3.0"
INTERPRETER = f"python{sys.version_info.major}.{sys.version_info.minor}"


def directory() -> Path:
    """The directory to import the engine from.

    Raises:
        ConfigError: the engine is not installed, or in another version.
    """
    hint = f"pip install {PACKAGE}=={VERSION}, or distdiag[lab]"
    try:
        found = version(PACKAGE)
    except PackageNotFoundError:
        raise ConfigError("the engine is not installed", where=PACKAGE, hint=hint) from None
    if found != VERSION:
        raise ConfigError(f"the lab is made for version {VERSION}, not {found}", where=PACKAGE, hint=hint)
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigError("the engine's installation is damaged", where=PACKAGE, hint=hint)
    return Path(spec.origin).parent.parent


def check_readable() -> None:
    """Check that every user can read the engine and run the interpreter.

    Raises:
        ConfigError: a path is not readable, as after an installation under a strict umask.
    """
    site = directory()
    for path in (site, site / PACKAGE, *(site / PACKAGE).glob("*.so"), Path(sys.base_prefix) / "bin" / INTERPRETER):
        required = stat.S_IXOTH if path.is_dir() else stat.S_IROTH
        if not path.stat().st_mode & required:
            raise ConfigError(
                "is not readable for all", where=str(path), hint=f"chmod -R o+rX {site} {sys.base_prefix}"
            )


class OceanBase:
    """The engine of a lab whose nodes are databases of their own; implements `Engine`."""

    name = "oceanbase"
    sources: tuple[str, ...] = ("host", "sysstat")
    joins = False

    async def prepare(self, progress: Progress) -> None:
        """Check the engine; nothing has to be made."""
        check_readable()

    def environment(self, node: NodePlan) -> dict[str, str]:
        """The interpreter and the package, for a node."""
        return {"PYTHON": sys.base_prefix, "INTERPRETER": INTERPRETER, "SITE": str(directory())}
