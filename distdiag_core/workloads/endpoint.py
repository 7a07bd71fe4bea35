"""The database of a node as client programs of a benchmark reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from distdiag_core.cluster.tls import Tls

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Address and SQL account of the database of a node; passed through pipes, never as an argument or in a file."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: Tls | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Endpoint:
        """The endpoint whose `asdict` is `data`."""
        tls = data.get("tls")
        return cls(**{**data, "tls": Tls(**tls) if tls is not None else None})
