"""Loads with names: those that ship, and the user's own, which win over shipped ones of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader
from distdiag_core.workloads.load_profile import LoadProfile, LoadStep

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class NamedProfile:
    """A load, even or changing over time.

    Attributes:
        description: one line, for who chooses.
        steps: one after the other, again and again until the run ends.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    description: str
    steps: tuple[LoadStep, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not self.steps:
            raise ValueError("a profile needs at least one step")

    @property
    def profile(self) -> LoadProfile:
        """What becomes of threads and rate over time."""
        return LoadProfile(self.steps)


def own_file() -> Path:
    """Where the user's own are looked for."""
    return places.config_dir() / "workloads.yaml"


def load() -> tuple[NamedProfile, ...]:
    """All profiles, the shipped ones first.

    Raises:
        ConfigError: a file has mistakes.
    """
    found = {each.name: each for each in loader.load(places.shipped_config() / "workloads.yaml", list[NamedProfile])}
    if own_file().exists():
        found |= {each.name: each for each in loader.load(own_file(), list[NamedProfile])}
    return tuple(found.values())


def find(name: str) -> NamedProfile:
    """The profile called `name`.

    Raises:
        ConfigError: there is none.
    """
    profiles = load()
    for profile in profiles:
        if profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in profiles)
    raise ConfigError(f"no profile is called {name!r}", hint=f"there are {known}; your own belong into {own_file()}")
