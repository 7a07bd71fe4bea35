"""Lists of named entries in YAML: those that ship, and those of the user, which replace shipped ones of their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from distdiag_core import places
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings import loader

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

    def _read(self, path: Path) -> dict[str, E]:
        read: list[E] = loader.load(path, list[self.kind])  # type: ignore[name-defined]
        return {entry.name: entry for entry in read}
