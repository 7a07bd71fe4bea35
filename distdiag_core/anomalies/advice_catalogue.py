"""Advice on anomalies, a YAML file each: what ships in `config/advice/`, and what the user adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader
from distdiag_core.settings.model import Text  # noqa: TC001 - read at run time by files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Advice:
    """Advice on one anomaly; each text has a key that is unique in its section.

    Attributes:
        first: what to do before anything else, one line.
        look_at: what to look at on the node.
        views: by the name of a view of the database, what to read in it.
        obdiag: by the name of a scene of obdiag, how it is run and what it collects.
        helps: what usually helps.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    first: Text = ""
    look_at: dict[str, Text] = field(default_factory=dict)
    views: dict[str, Text] = field(default_factory=dict)
    obdiag: dict[str, Text] = field(default_factory=dict)
    helps: dict[str, Text] = field(default_factory=dict)

    def with_texts_of(self, other: Advice) -> Advice:
        """This advice, in which the texts of `other` replace those of the same keys and follow the rest."""
        sections = {name: getattr(self, name) | getattr(other, name) for name in SECTIONS}
        return Advice(other.first or self.first, **sections)


SECTIONS = tuple(each.name for each in fields(Advice) if each.name != "first")
TITLES: Mapping[str, str] = MappingProxyType(
    {"look_at": "look at", "views": "views", "obdiag": "obdiag", "helps": "what usually helps"}
)


def load(directories: Iterable[Path] | None = None) -> Mapping[str, Advice]:
    """Advice by anomaly, from all `*.yaml` in the directories; without them, what ships and then the user's own.

    Raises:
        ConfigError: all problems of all files, one a line.
    """
    found: dict[str, Advice] = {}
    problems: list[str] = []
    for directory in directories or (places.shipped_config() / "advice", places.advice_dir()):
        for path in sorted(directory.glob("*.yaml")):
            try:
                advice = found.get(path.stem, Advice()).with_texts_of(loader.load(path, Advice))
            except ConfigError as error:
                problems.append(str(error))
                continue
            if not advice.first:
                problems.append(f"{path}: first: is required but missing; no file that ships has this name")
            found[path.stem] = advice
    if problems:
        raise ConfigError("\n".join(problems))
    return found
