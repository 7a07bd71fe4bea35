"""A plan as a form returns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Plan = TypeVar("Plan")


@dataclass(frozen=True, slots=True)
class Confirmed(Generic[Plan]):
    """A plan that the operator has confirmed.

    Attributes:
        cluster_name: the name of a production cluster as it was typed; empty where none was asked for.
    """

    plan: Plan
    cluster_name: str = ""
