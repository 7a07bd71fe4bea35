"""Named load profiles: the shipped ones, and those of the user, which replace shipped ones of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core import places
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings import loader
from distdiag_core.workloads.load_profile import LoadProfile, LoadStep

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class NamedProfile:
    """A named load profile of a configuration file.

    Attributes:
        description: one line for the operator.
        steps: periods of constant load, repeated until the run ends.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    description: str
    steps: tuple[LoadStep, ...]

    def __post_init__(self) -> None:
        """Reject a profile without steps."""
        if not self.steps:
            raise ValueError("a profile needs at least one step")

    @property
    def load_profile(self) -> LoadProfile:
        """Threads and rate over time."""
        return LoadProfile(self.steps)


def own_file() -> Path:
    """Path of the profiles of the user."""
    return places.config_dir() / "workloads.yaml"


def load() -> tuple[NamedProfile, ...]:
    """All profiles, the shipped ones first.

    Raises:
        ConfigError: a file is invalid.
    """
    found = {each.name: each for each in loader.load(places.shipped_config() / "workloads.yaml", list[NamedProfile])}
    if own_file().exists():
        found |= {each.name: each for each in loader.load(own_file(), list[NamedProfile])}
    return tuple(found.values())


def find(name: str) -> NamedProfile:
    """The profile called `name`.

    Raises:
        ConfigError: no profile has this name.
    """
    profiles = load()
    for profile in profiles:
        if profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in profiles)
    raise ConfigError(
        f"no profile is called {quoted(name)}", hint=f"there are {known}; your own belong into {own_file()}"
    )
