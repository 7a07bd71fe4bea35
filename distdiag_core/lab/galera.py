"""MariaDB with Galera: nodes that replicate. Its Debian packages are unpacked, and nothing is installed."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import CommandFailedError, ConfigError, DistdiagError
from distdiag_core.lab import keys, requirements
from distdiag_core.lab.programs import run
from distdiag_core.lab.status import LabProgress

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.lab.plan import NodePlan
    from distdiag_core.lab.status import Progress

# The server and its libraries; the last four are for the transfer of the whole state to a node that fell behind.
_PACKAGES = (
    *("mariadb-server-core", "galera-4", "liburing2", "libaio1", "libnuma1"),
    *("mariadb-server", "mariadb-client-core", "rsync", "libpopt0"),
)
_DOWNLOAD_S = 300.0
_TABLES = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
# The log is small, since every node that joins gets a copy.
_STORE = ("--innodb-log-file-size=32M", "--innodb-data-file-path=ibdata1:12M:autoextend")


class Galera:
    """The engine of a lab whose nodes are one cluster, in which each node has all data; implements `Engine`."""

    name = "galera"
    sources: tuple[str, ...] = ("host", "mysql_status")
    joins = True

    async def prepare(self, progress: Progress) -> None:
        """Unpack the packages where that was not done before, and make the first state of the cluster.

        Raises:
            ConfigError: there is no apt-get or dpkg.
            DistdiagError: the packages cannot be had, or do not run here.
        """
        if not _server().is_file():
            progress(LabProgress("unpacking MariaDB and Galera, without installing them"))
            await _unpack()
        if not _first_state().is_dir():
            progress(LabProgress("making the first state of the databases"))
            await _make_first_state()

    def environment(self, node: NodePlan) -> dict[str, str]:
        """The programs, their libraries and the first state, for a node."""
        return {
            "PROGRAMS": str(_programs()),
            "LIBRARIES": ":".join(f"/opt/observer/programs/{each.relative_to(_programs())}" for each in _libraries()),
            "FIRST_STATE": str(_first_state()),
            "ADDRESS": node.host,
        }


def _programs() -> Path:
    """The unpacked packages; they stay when the lab goes down, since they can be used again."""
    return places.cache_dir() / "galera"


def _server() -> Path:
    return _programs() / "usr/sbin/mariadbd"


def _first_state() -> Path:
    return places.lab_dir() / "first-state"


def _libraries() -> list[Path]:
    return sorted(_programs().glob("usr/lib/*-linux-gnu")) + sorted(_programs().glob("lib/*-linux-gnu"))


async def _unpack() -> None:
    if missing := [program for program in ("apt-get", "dpkg") if not requirements.has(program)]:
        raise ConfigError(
            f"{' and '.join(missing)} not found: MariaDB is taken from Debian's packages", where="the lab",
            hint="use a machine with Debian or Ubuntu, or the engine oceanbase",
        )  # fmt: skip
    unfinished = _programs().with_suffix(".new")
    await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
    packages, files = unfinished / "packages", unfinished / "files"
    packages.mkdir(parents=True)
    files.mkdir()
    await _download(packages)
    for package in sorted(packages.glob("*.deb")):
        await run("dpkg", "--extract", str(package), str(files), timeout_s=_DOWNLOAD_S)
    await asyncio.to_thread(shutil.rmtree, _programs(), ignore_errors=True)
    files.chmod(0o755)
    files.rename(_programs())
    await asyncio.to_thread(shutil.rmtree, unfinished)


async def _download(into: Path) -> None:
    # Downloads go by an account of apt's own, which may not write here.
    quiet = ("env", f"--chdir={into}", "apt-get", "--quiet", "--option", "APT::Sandbox::User=root")
    try:
        await run(*quiet, "download", *_PACKAGES, timeout_s=_DOWNLOAD_S)
    except CommandFailedError:
        # The lists of packages may be missing, or older than the packages.
        try:
            await run(*quiet, "update", timeout_s=_DOWNLOAD_S)
            await run(*quiet, "download", *_PACKAGES, timeout_s=_DOWNLOAD_S)
        except CommandFailedError as error:
            raise DistdiagError(
                f"the packages {', '.join(_PACKAGES)} cannot be downloaded: {error.what}", where="apt-get",
                hint="they are those of Debian 12; check the network and /etc/apt/sources.list",
            ) from error  # fmt: skip


async def _make_first_state() -> None:
    """The files of an empty database with the account of the lab alone, for the node that begins the cluster."""
    unfinished = _first_state().with_suffix(".new")
    await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
    (unfinished / "mysql").mkdir(parents=True)
    share = _programs() / "usr/share/mysql"
    tables = "".join((share / name).read_text(encoding="utf-8") for name in _TABLES)
    await _bootstrap(unfinished, f"USE mysql;\n{tables}")
    password = keys.password(places.lab_dir())
    await _bootstrap(
        unfinished,
        f"DELETE FROM mysql.global_priv;\nFLUSH PRIVILEGES;\nCREATE USER root@'%' IDENTIFIED BY '{password}';\n"  # noqa: S608 - a word of ours
        "GRANT ALL PRIVILEGES ON *.* TO root@'%' WITH GRANT OPTION;\n",
    )
    unfinished.rename(_first_state())


async def _bootstrap(files: Path, statements: str) -> None:
    """Run statements on files that no server uses, one a line or as the scripts of MariaDB have them."""
    libraries = ":".join(map(str, _libraries()))
    await run(
        *("env", f"LD_LIBRARY_PATH={libraries}", str(_server()), "--no-defaults", f"--basedir={_programs() / 'usr'}"),
        *(f"--datadir={files}", "--user=root", "--bootstrap", "--skip-log-bin", *_STORE),
        stdin=statements,
        timeout_s=60.0,
    )
