"""The recordings of this machine, and the one that ships."""

from __future__ import annotations

import lzma
import tempfile
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import ConfigError, DataError, quoted
from distdiag_core.recording.retention import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = "example"
_PACKED = ".xz"
# A file of a few bytes can be made that would fill the disk.
_LONGEST_UNPACKED_BYTES = 4 * 2**30
_PIECE_BYTES = 2**20


def newest(cluster: str) -> Path:
    """The newest recording of a cluster.

    Raises:
        ConfigError: there is none.
    """
    directory = places.recordings_dir()
    # The name ends with the time of its begin; the name of another cluster may begin like this one.
    found = [path for path in directory.glob(f"{cluster}-*{SUFFIX}") if path.stem.rpartition("-")[0] == cluster]
    if not found:
        raise ConfigError(
            f"there is no recording of the cluster {cluster}",
            where=str(directory),
            hint="the console writes one, and so does `distdiag watch --record`; --recording FILE names another",
        )
    return max(found, key=lambda path: path.stem)


def of_machine() -> tuple[Path, ...]:
    """All recordings of this machine, by the names of their clusters, then the oldest first."""
    return tuple(sorted(places.recordings_dir().glob(f"*{SUFFIX}")))


def find(name: str | None, cluster: str | None = None) -> Path:
    """The recording that is meant by the path of a file, the name of a run or of a cluster, or the word `example`.

    Args:
        name: without it, the newest run is meant.
        cluster: whose newest run; of any without it.

    Raises:
        ConfigError: there is none.
    """
    if name == EXAMPLE:
        return places.shipped_config() / "recordings" / f"{EXAMPLE}{SUFFIX}{_PACKED}"
    directory = places.recordings_dir()
    if name is None and cluster is None:
        found = of_machine()
        if not found:
            raise ConfigError(
                "there is no recording yet", where=str(directory), hint="`distdiag replay example` shows one that ships"
            )
        return max(found, key=lambda path: path.stem.rpartition("-")[2])
    if name is None or cluster is not None:
        return newest(cluster or "")
    if (path := Path(name)).is_file():
        return path
    if "/" not in name and (run := directory / f"{name.removesuffix(SUFFIX)}{SUFFIX}").is_file():
        return run
    if any(path.stem.rpartition("-")[0] == name for path in of_machine()):
        return newest(name)
    _refuse_path(path, name)
    clusters = {path.stem.rpartition("-")[0] for path in of_machine()}
    near = get_close_matches(name, (EXAMPLE, *clusters, *(path.stem for path in of_machine())), n=1)
    meant = f"is {near[0]} meant? " if near else ""
    raise ConfigError(
        f"there is neither a file, a run nor a cluster with recordings called {quoted(name)}",
        where=str(directory),
        hint=f"{meant}`distdiag replay --list` lists the runs, and `distdiag replay example` shows one that ships",
    )


def _refuse_path(path: Path, name: str) -> None:
    """Say what is wrong with what can only be meant as a path.

    Raises:
        ConfigError: it is one, and leads to no file.
    """
    hint = "`distdiag replay --list` lists the runs of this machine"
    if path.is_dir():
        raise ConfigError("is a directory, and a recording is a file", where=name, hint=hint)
    if "/" in name or SUFFIX in path.suffixes:
        raise ConfigError("there is no such file", where=name, hint=hint)


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The recording at `path`, unpacked for as long as the context lasts where it is packed by xz.

    Raises:
        DataError: it is packed and cannot be unpacked.
    """
    if path.suffix != _PACKED:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="distdiag-") as directory:
        unpacked = Path(directory) / path.name.removesuffix(_PACKED)
        _unpack(path, unpacked)
        yield unpacked


def _unpack(path: Path, target: Path) -> None:
    try:
        with lzma.open(path) as packed, target.open("wb") as file:
            while piece := packed.read(_PIECE_BYTES):
                file.write(piece)
                if file.tell() > _LONGEST_UNPACKED_BYTES:
                    raise DataError("is too large to be unpacked", where=str(path), hint="unpack it with `xz -d`")
    except FileNotFoundError as error:
        raise DataError("there is no such recording", where=str(path)) from error
    except (lzma.LZMAError, EOFError, OSError) as error:
        raise DataError(f"cannot be unpacked: {error}", where=str(path), hint="it is damaged") from error
