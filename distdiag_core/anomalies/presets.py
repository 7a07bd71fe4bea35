"""Presets of compound injections: those that ship in `config/presets.yaml`, and those of the user."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from distdiag_core.anomalies.compound import CompoundPart, CompoundRequest
from distdiag_core.anomalies.injection import InjectionRequest, Severity
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings import loader
from distdiag_core.settings.model import NAME_PATTERN
from distdiag_core.settings.named_entries import NamedEntries

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class PresetPart:
    """One anomaly of a preset.

    Attributes:
        nodes: the numbers of its nodes among those that are chosen when the preset is used, or names of nodes.
        start_s: from the begin of the whole to its begin.
        for_s: how long it lasts.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    anomaly: str
    nodes: tuple[int | str, ...] | Literal["all"] = (1,)
    severity: Severity = "medium"
    start_s: float = 0.0
    for_s: float = 60.0

    def __post_init__(self) -> None:
        """Refuse numbers of nodes below 1."""
        if any(isinstance(each, int) and each < 1 for each in self.nodes):
            raise ValueError("the nodes that are chosen count from 1")


@dataclass(frozen=True, slots=True)
class InjectionPreset:
    """A named compound injection.

    Attributes:
        description: one line for the operator.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    description: str
    parts: tuple[PresetPart, ...]

    def __post_init__(self) -> None:
        """Refuse a preset without anomalies."""
        if not self.parts:
            raise ValueError("a preset needs one anomaly at least")

    @property
    def node_count(self) -> int:
        """How many nodes it wants to be chosen."""
        return max((each for part in self.parts for each in part.nodes if isinstance(each, int)), default=0)

    def request(self, nodes: Sequence[str], chosen: Sequence[str] = ()) -> CompoundRequest:
        """The compound injection of this preset.

        Args:
            nodes: all of the cluster.
            chosen: those that its numbers mean, in this order; where they are too few, the next of the cluster.

        Raises:
            ConfigError: the cluster has too few nodes.
        """
        order = [*chosen, *(node for node in nodes if node not in chosen)]
        if self.node_count > len(order):
            raise ConfigError(
                f"the preset {self.name} needs {self.node_count} nodes, and the cluster has {len(order)}",
                hint="`distdiag inject --presets` lists the others",
            )
        return CompoundRequest(tuple(_part(part, nodes, order) for part in self.parts), self.name)


def of_request(name: str, description: str, request: CompoundRequest, nodes: Sequence[str]) -> InjectionPreset:
    """The preset by which a request can be made again, also on other nodes.

    Args:
        description: empty for the anomalies of the request.
        nodes: of the cluster, in its order; those of the request are counted in this order.

    Raises:
        ConfigError: the name is none, or nothing is requested.
    """
    if re.fullmatch(NAME_PATTERN, name) is None:
        raise ConfigError(f"{quoted(name)} cannot be the name of a preset", hint="use letters, digits, . _ and -")
    if not request.parts:
        raise ConfigError("a preset needs one anomaly at least")
    numbers = {node: number for number, node in enumerate((each for each in nodes if each in request.nodes), 1)}

    def part(each: CompoundPart) -> PresetPart:
        asked = each.request
        everywhere = len(nodes) > 1 and set(asked.nodes) == set(nodes)
        where = tuple(numbers[node] for node in asked.nodes)
        return PresetPart(
            asked.anomaly, "all" if everywhere else where, asked.severity, each.offset_s, asked.duration_s
        )

    about = description.strip() or ", ".join(dict.fromkeys(each.request.anomaly for each in request.parts))
    return InjectionPreset(name, about, tuple(map(part, request.parts)))


def _part(part: PresetPart, nodes: Sequence[str], order: Sequence[str]) -> CompoundPart:
    names = tuple(nodes) if part.nodes == "all" else tuple(_name(each, order) for each in part.nodes)
    return CompoundPart(InjectionRequest(part.anomaly, names, part.severity, part.for_s), part.start_s)


def _name(node: int | str, order: Sequence[str]) -> str:
    return order[node - 1] if isinstance(node, int) else node


_PRESETS = NamedEntries("presets.yaml", InjectionPreset, "preset")
own_file, load, find, add = _PRESETS.own_file, _PRESETS.load, _PRESETS.find, _PRESETS.add
