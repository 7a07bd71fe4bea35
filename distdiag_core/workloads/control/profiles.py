"""Named load profiles: the shipped ones, and those of the user, which replace shipped ones of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from distdiag_core.settings import loader
from distdiag_core.settings.named_entries import NamedEntries
from distdiag_core.workloads.load_profile import LoadProfile, LoadStep


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


_PROFILES = NamedEntries("workloads.yaml", NamedProfile, "profile")
own_file, load, find = _PROFILES.own_file, _PROFILES.load, _PROFILES.find
