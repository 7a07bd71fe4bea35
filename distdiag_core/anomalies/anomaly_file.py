"""The plain data of an anomaly file, with shared methods filled in and the keys of the previous release still read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core import places
from distdiag_core.anomalies.payload import RENAMED
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.settings.yaml_document import Document, KeyPath

_OLD_KEY, _KEY = "ways", "methods"
# A method that uses a shared one has the keys of that one, but for those that it gives itself.
_USE = "use"


@dataclass(frozen=True, slots=True)
class AnomalyFile:
    """One file as it is to be validated.

    Attributes:
        notes: the old words in it, each with what to write instead.
    """

    data: object
    document: Document
    notes: tuple[str, ...]

    def place(self, path: KeyPath) -> str:
        """`file:line: key`, with the key as the file spells it."""
        old = isinstance(self.document.data, dict) and _KEY not in self.document.data
        return self.document.place((_OLD_KEY, *path[1:]) if old and path[:1] == (_KEY,) else path)


def read(path: Path) -> AnomalyFile:
    """The anomaly file at `path`.

    Raises:
        ConfigError: it cannot be read, or uses a shared method that does not exist.
    """
    document = loader.read(path)
    data = document.data
    if not isinstance(data, dict):
        return AnomalyFile(data, document, ())
    notes = []
    if _OLD_KEY in data and _KEY not in data:
        data = {_KEY if key == _OLD_KEY else key: value for key, value in data.items()}
        notes.append(f"{path}: {_OLD_KEY}: is called {_KEY} now; the old key is not read by the next release")
    methods = data.get(_KEY)
    if isinstance(methods, list):
        data = data | {_KEY: [_completed(method, path) for method in methods]}
        notes += [f"{path}: {note}" for method in methods for note in _old_files(method)]
    return AnomalyFile(data, document, tuple(notes))


def _completed(method: Any, path: Path) -> Any:  # noqa: ANN401 - what YAML can hold
    if not isinstance(method, dict) or _USE not in method:
        return method
    shared = _shared(str(method[_USE]), path)
    return shared | {key: value for key, value in method.items() if key != _USE}


def _shared(name: str, path: Path) -> dict[str, Any]:
    """The shared method called `name`: one beside the file, or one that ships."""
    directories = (path.parent / "methods", places.shipped_config() / "anomalies" / "methods")
    known = {file.stem: file for directory in reversed(directories) for file in sorted(directory.glob("*.yaml"))}
    if name not in known:
        raise ConfigError(f"no shared method is called {quoted(name)}", where=f"{path}: {_USE}", hint=_names(known))
    data = loader.read(known[name]).data
    if not isinstance(data, dict):
        raise ConfigError("is no method", where=str(known[name]))
    return data


def _names(known: dict[str, Path]) -> str:
    return f"there are: {', '.join(sorted(known))}" if known else "there is none"


def _old_files(method: Any) -> Iterator[str]:  # noqa: ANN401 - what YAML can hold
    files = method.get("files") if isinstance(method, dict) else None
    for file in files if isinstance(files, list) else ():
        if file in RENAMED:
            yield f"files: {file} is called {RENAMED[file]} now; the next release does not know the old name"
