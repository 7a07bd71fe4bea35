"""The programs that are sent to a node along with a request: texts, and a zip archive of Python packages."""

from __future__ import annotations

import base64
import io
import zipfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NODE = Path(__file__).resolve().parent / "node"
# The programs that speak SQL, with the client library that they need; `sql.py` runs them.
_SQL_ARCHIVE = "sql.zip.base64"
# Names of the previous release, which anomaly files of users may still give.
RENAMED = {"packet_holder.py": "packet_delay.py"}


@cache
def text_of(file: str) -> str:
    """The text of `file`, which is in the `node` directory or is an archive of programs there."""
    file = RENAMED.get(file, file)
    if file == _SQL_ARCHIVE:
        return base64.encodebytes(_sql_archive()).decode("ascii")
    return (_NODE / file).read_text(encoding="utf-8")


def comments(files: Mapping[str, str]) -> str:
    """The files as comments of a shell program, a line for each of their lines."""
    lines: list[str] = []
    for name, text in files.items():
        lines += [f"#={name}", *(f"#:{line}" for line in text.split("\n"))]
    return "".join(f"{line}\n" for line in lines)


def _sql_archive() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in (_NODE / "__init__.py", *sorted(_NODE.glob("sql_*.py"))):
            packed.write(path, path.relative_to(_NODE.parent))
        for root, path in _client_library():
            packed.write(path, path.relative_to(root.parent))
    return archive.getvalue()


def _client_library() -> Iterator[tuple[Path, Path]]:
    spec = find_spec("pymysql")
    if spec is None or spec.origin is None:
        raise DistdiagError("the Python package pymysql has no files to send to a node", hint="reinstall distdiag")
    root = Path(spec.origin).parent
    yield from ((root, path) for path in sorted(root.rglob("*.py")))
