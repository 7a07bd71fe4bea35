"""The anomalies that can be made to happen, read from `config/anomalies.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from distdiag_core import places, settings

Category = Literal["cpu", "memory", "io", "network", "database", "workload"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to make an anomaly happen.

    Attributes:
        name: of the way, as shown to the operator, for instance `stress-ng` or `netem`.
        needs: programs that the node must have.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    name: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A kind of trouble.

    Attributes:
        label: as on screen.
        what: one sentence for the operator.
        ways: in order of preference; the first one that the node can do is taken.
        severities: by severity, the parameters of the commands.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    name: str
    label: str
    what: str
    category: Category
    ways: tuple[Way, ...]
    severities: dict[str, dict[str, float | int | str]]


@dataclass(frozen=True, slots=True)
class AnomalyCatalogue:
    """All anomalies, in the order of the file."""

    anomalies: tuple[Anomaly, ...]

    def get(self, name: str) -> Anomaly | None:
        """The anomaly called `name`; None where there is none."""
        return next((anomaly for anomaly in self.anomalies if anomaly.name == name), None)


def load() -> AnomalyCatalogue:
    """The catalogue that ships.

    Raises:
        ConfigError: every mistake in it, one a line.
    """
    path = places.shipped_config() / "anomalies.yaml"
    return AnomalyCatalogue(settings.load(path, tuple[Anomaly, ...]))
