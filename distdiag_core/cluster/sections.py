"""Sections of the cluster file that other rooms own.

A room registers its section in a module called `*_settings`, which is imported before a cluster file is read; a kind of
source or backend brings its section along. The cluster room itself imports none of them by name.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import distdiag_core
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.settings.loader import Problem
    from distdiag_core.settings.registry import Registry


def _no_problems(_settings: object, _cluster: ClusterSettings) -> Iterable[Problem]:
    return ()


@dataclass(frozen=True, slots=True)
class Section:
    """One key of the cluster file, and the class that validates what is below it.

    Attributes:
        settings: a settings class.
        check: the problems of its value that show only beside the rest of the cluster file, each with its whole key.
    """

    key: str
    settings: type[Any]
    check: Callable[[Any, ClusterSettings], Iterable[Problem]] = _no_problems

    @property
    def required(self) -> tuple[str, ...]:
        """The keys without a default."""
        return tuple(
            field.name
            for field in fields(self.settings)
            if field.default is MISSING and field.default_factory is MISSING
        )


class Kind(Protocol):
    """A kind of source or backend, as a registry knows it."""

    @property
    def name(self) -> str:
        """As the cluster file names it."""

    @property
    def summary(self) -> str:
        """What it is, in a few words that follow its name."""

    @property
    def section(self) -> Section | None:
        """The settings of this kind; None where it has none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A key of the cluster file whose value names one kind or several of a registry.

    Attributes:
        noun: of one kind, for instance `source`.
    """

    key: str
    noun: str
    kinds: Registry[Any]


@dataclass(frozen=True, slots=True)
class ApplicableSections:
    """The sections that a cluster file may have, by key, and what is wrong with the kinds that it names."""

    sections: Mapping[str, Section]
    problems: tuple[Problem, ...]


_sections: dict[str, Section] = {}
_choices: dict[str, Choice] = {}
_by_settings: dict[type[Any], Section] = {}


def register(section: Section) -> None:
    """Make the section of a room known; it applies to every cluster file."""
    _sections[section.key] = _by_settings[section.settings] = section


def of(settings: type[Any]) -> Section:
    """The section of a settings class that a cluster file was read with."""
    return _by_settings[settings]


def choose(key: str, noun: str, kinds: Registry[Any]) -> None:
    """Let the value of `key` name kinds of a registry, each of which may bring a section."""
    _choices[key] = Choice(key, noun, kinds)


def everything() -> tuple[dict[str, Section], tuple[Choice, ...]]:
    """Every section there is, those of all kinds included, by key; and all choices."""
    _discover()
    found = dict(_sections)
    for choice in _choices.values():
        for name in choice.kinds.names():
            if (section := _section_of(choice, name)) is not None:
                found[section.key] = section
    return found, tuple(_choices.values())


def applicable_sections(data: Mapping[str, object], defaults: Mapping[str, object]) -> ApplicableSections:
    """The sections of the cluster file `data`: those of the rooms, of the kinds that it names, and of its other keys.

    Args:
        defaults: of the keys that name kinds.
    """
    _discover()
    found = dict(_sections)
    problems: list[Problem] = []
    for choice in _choices.values():
        for place, name in _named(choice.key, data.get(choice.key, defaults[choice.key])):
            try:
                section = _section_of(choice, name)
            except ConfigError as error:
                problems.append((place, "; ".join(filter(None, (error.what, error.hint)))))
                continue
            if section is None:
                continue
            found[section.key] = section
            if section.key not in data and section.required:
                keys = ", ".join(section.required)
                problems.append(((section.key,), f"is required for the {choice.noun} {name}, with the keys: {keys}"))
    if unknown := set(data) - set(defaults) - set(found):
        found |= {key: section for key, section in everything()[0].items() if key in unknown}
    return ApplicableSections(found, tuple(problems))


def _section_of(choice: Choice, name: str) -> Section | None:
    kind: Kind = choice.kinds.get(name)
    if kind.section is not None:
        _by_settings[kind.section.settings] = kind.section
    return kind.section


def _named(key: str, value: object) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """The names in a value, each with its key; what is no name is refused with the key itself."""
    if isinstance(value, str):
        yield (key,), value
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            if isinstance(each, str):
                yield (key, index), each


def _discover() -> None:
    """Import the settings modules of all rooms, so that they register their sections."""
    root = Path(distdiag_core.__file__).parent
    for module in sorted(root.glob("*/*_settings.py")):
        import_module(f"distdiag_core.{module.parent.name}.{module.stem}")
