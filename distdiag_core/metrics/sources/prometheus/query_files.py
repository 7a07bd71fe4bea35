"""Files of queries: which query of Prometheus gives which metric of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from string import Template
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core import places
from distdiag_core.cluster.tenants import ALL
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.catalogue import Category, Metric
from distdiag_core.settings import loader
from distdiag_core.settings.model import Text  # noqa: TC001 - read at run time by files

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.metrics.sources.prometheus.prometheus_settings import PrometheusSettings

NAME = "prometheus"
_PLACEHOLDERS = ("label", "match", "window", "devices", "interfaces", "tenants")


@dataclass(frozen=True, slots=True)
class OwnMetric:
    """A metric that our catalogue lacks; its name begins with `prometheus.`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    label: Text
    unit: str
    category: Category
    query: Text


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A file of queries, each of which gives one series for each node.

    Attributes:
        label: the label that names the node.
        sampled: a query of the time of the newest sample of each node, seconds since the epoch.
        metrics: queries by metrics of our catalogue, whose values come out in its unit; a rate is a rate already.
        own: further metrics.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    label: Text
    sampled: Text
    metrics: dict[str, Text] = field(default_factory=dict)
    own: dict[str, OwnMetric] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """A query with all of its values filled in.

    Attributes:
        metric: what it gives; empty for the time of the newest samples.
        label: the label of its series that names the node.
        file: the name of its file.
    """

    metric: str
    text: str
    label: str
    file: str


@dataclass(frozen=True, slots=True)
class Queries:
    """The queries of a cluster: one for each metric, and one of sample times for each file."""

    metrics: tuple[Query, ...]
    sampled: tuple[Query, ...]


@lru_cache(maxsize=16)
def metrics_of(names: tuple[str, ...]) -> tuple[Metric, ...]:
    """The metrics that these files have queries for, as the source gives them.

    Raises:
        ConfigError: a file is missing or wrong.
    """
    known = {metric.name: metric for metric in catalogue.load().metrics}
    found: dict[str, Metric] = {}
    for name in names:
        file = load(name)
        for metric in file.metrics:
            found.setdefault(metric, replace(known[metric], kind="gauge", key=metric, per=None, scale=1.0))
        for metric, own in file.own.items():
            found.setdefault(metric, Metric(metric, own.label, own.unit, "gauge", own.category, NAME, metric))
    return tuple(found.values())


def queries_of(settings: PrometheusSettings, tenants: tuple[str, ...], wanted: tuple[str, ...]) -> Queries:
    """The queries of the metrics that are wanted.

    Raises:
        ConfigError: a file is missing or wrong.
    """
    found: dict[str, Query] = {}
    sampled = []
    for name in settings.queries:
        file = load(name)
        label = settings.label or file.label
        values = {
            "label": label,
            "match": settings.match,
            "window": f"{settings.window_s:g}s",
            "devices": _in_quotes(settings.devices),
            "interfaces": _in_quotes(settings.interfaces),
            "tenants": _in_quotes(".+" if tenants == (ALL,) else "|".join(map(re.escape, tenants))),
        }
        texts = file.metrics | {metric: own.query for metric, own in file.own.items()}
        for metric, text in texts.items():
            if metric in wanted:
                found.setdefault(metric, Query(metric, Template(text).substitute(values), label, name))
        sampled.append(Query("", Template(file.sampled).substitute(values), label, name))
    return Queries(tuple(found.values()), tuple(sampled))


def _in_quotes(expression: str) -> str:
    """A regular expression as it stands between the quotes of a query."""
    return expression.replace("\\", "\\\\").replace('"', '\\"')


def names() -> list[str]:
    """The files that there are."""
    return sorted({path.stem for directory in _directories() for path in directory.glob("*.yaml")})


@lru_cache(maxsize=16)
def load(name: str) -> QueryFile:
    """The file of that name: the user's own, else the one that ships.

    Raises:
        ConfigError: there is none, or it is wrong.
    """
    for directory in reversed(_directories()):
        path = directory / f"{name}.yaml"
        if path.is_file():
            file = loader.load(path, QueryFile)
            if problems := _problems(file):
                raise ConfigError("\n".join(f"{path}: {problem}" for problem in problems))
            return file
    hint = f"there are {', '.join(names())}; your own belong into {places.prometheus_dir()}"
    raise ConfigError(f"no file of queries is called {quoted(name)}", where="prometheus.queries", hint=hint)


def _directories() -> tuple[Path, Path]:
    return places.shipped_config() / "prometheus", places.prometheus_dir()


def _problems(file: QueryFile) -> list[str]:
    known = catalogue.load().names
    found = [
        f"metrics.{name}: no metric of ours is called so; further ones belong below `own`"
        for name in file.metrics
        if name not in known
    ]
    found += [f"own.{name}: the name must begin with {NAME}." for name in file.own if not name.startswith(f"{NAME}.")]
    texts = {"sampled": file.sampled} | {f"metrics.{name}": text for name, text in file.metrics.items()}
    texts |= {f"own.{name}.query": own.query for name, own in file.own.items()}
    for key, text in texts.items():
        try:
            Template(text).substitute(dict.fromkeys(_PLACEHOLDERS, ""))
        except (KeyError, ValueError):
            said = ", ".join(f"${each}" for each in _PLACEHOLDERS)
            found.append(f"{key}: a $ begins one of {said}, or is written $$")
    return found
