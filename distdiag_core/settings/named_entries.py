"""Lists of named entries in YAML: those that ship, and those of the user, which replace shipped ones of their names."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from distdiag_core import places
from distdiag_core.errors import ConfigError, DataError, quoted
from distdiag_core.settings import loader, yaml_document

if TYPE_CHECKING:
    from pathlib import Path


class Named(Protocol):
    """An entry of a list."""

    @property
    def name(self) -> str:
        """By which it is found."""


E = TypeVar("E", bound=Named)


@dataclass(frozen=True)
class NamedEntries(Generic[E]):
    """The entries of one kind.

    Args:
        file: name of the file, in the shipped configuration and in that of the user.
        kind: the type of an entry.
        noun: what an entry is called in messages.
    """

    file: str
    kind: type[E]
    noun: str

    def own_file(self) -> Path:
        """Path of the entries of the user."""
        return places.config_dir() / self.file

    def load(self) -> tuple[E, ...]:
        """All entries, the shipped ones first.

        Raises:
            ConfigError: a file is invalid.
        """
        found = self._read(places.shipped_config() / self.file)
        if self.own_file().exists():
            found |= self._read(self.own_file())
        return tuple(found.values())

    def find(self, name: str) -> E:
        """The entry called `name`.

        Raises:
            ConfigError: none has this name.
        """
        entries = self.load()
        for entry in entries:
            if entry.name == name:
                return entry
        known = ", ".join(entry.name for entry in entries)
        raise ConfigError(
            f"no {self.noun} is called {quoted(name)}",
            hint=f"there are {known}; your own belong into {self.own_file()}",
        )

    def add(self, entry: E) -> Path:
        """Append an entry to those of the user, whose file keeps its comments; that file is returned.

        Raises:
            ConfigError: there is one of this name, a file is invalid, or the user's is not a list in block style.
            DataError: it cannot be written.
        """
        path = self.own_file()
        if any(known.name == entry.name for known in self.load()):
            hint = f"choose another name; your own are in {path}"
            raise ConfigError(f"there is a {self.noun} called {quoted(entry.name)} already", hint=hint)
        added = yaml_document.dump([_plain(asdict(entry))])  # type: ignore[call-overload]  # a dataclass, which a bound cannot say
        try:
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            whole = f"{before.rstrip()}\n\n{added}" if before.strip() else added
            self._check(whole, entry)
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".new{os.getpid()}")
            unfinished.write_text(whole, encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise DataError(f"the {self.noun} cannot be kept: {error.strerror}", where=str(path)) from error
        return path

    def _check(self, whole: str, entry: E) -> None:
        """Refuse a text that does not end with the entry."""
        path = str(self.own_file())
        try:
            read: list[E] = loader.parse(whole, list[self.kind], where=path)  # type: ignore[name-defined]  # the kind is known when it runs
        except ConfigError as error:
            hint = "write its list in block style, an entry begins with `- name:` at the begin of a line"
            raise ConfigError(f"{quoted(entry.name)} cannot be added: {error}", hint=hint) from error
        if read[-1] != entry:
            raise ConfigError(f"{quoted(entry.name)} cannot be added as it is", where=path)

    def _read(self, path: Path) -> dict[str, E]:
        read: list[E] = loader.load(path, list[self.kind])  # type: ignore[name-defined]  # the kind is known when it runs
        return {entry.name: entry for entry in read}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever an entry holds
    """Tuples as lists, which YAML has."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
