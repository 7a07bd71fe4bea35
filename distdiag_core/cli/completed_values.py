"""Values that shells complete: clusters, nodes, anomalies, models and recordings, mostly by names of files.

Each function is a `shell_complete` of click. What cannot be read has no completions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from click.shell_completion import CompletionItem

from distdiag_core import places
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import click

    from distdiag_core.cli.options import Target

    Items = list[CompletionItem[Any]]

# What a shell takes as it is.
_PLAIN = re.compile(r"[\w.@+-]+")


def clusters(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Clusters that have a file; after a comma one more."""
    return _last_of_list(_stems(places.clusters_dir()), incomplete)


def nodes(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """Nodes of the cluster that the command line means so far."""
    return _items(_node_names(ctx.obj), incomplete)


def anomalies(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Anomalies that ship, and those of the user."""
    return _items(_anomaly_names(), incomplete)


def anomalies_on_nodes(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """Anomalies, then nodes after an `@`, then a severity after a colon: `cpu_stress@n1,n2:high`."""
    from distdiag_core.anomalies.injection import SEVERITIES

    before, colon, severity = incomplete.rpartition(":")
    if colon:
        return _items(SEVERITIES, severity, before + colon)
    anomaly, at, named = incomplete.partition("@")
    if at:
        return _last_of_list(_node_names(ctx.obj), named, anomaly + at)
    return _items(_anomaly_names(), anomaly)


def models(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Models that ship, and those of the user."""
    from distdiag_core.models import model_registry

    return _items(model_registry.directories(), incomplete)


def recordings(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Runs of this machine and the example; what is none of them is a file."""
    from distdiag_core.recording import recordings as recorded

    names = [recorded.EXAMPLE, *(path.stem for path in recorded.of_machine())]
    return _items(names, incomplete) or [CompletionItem(incomplete, type="file")]


def _items(names: Iterable[str], begun: str, before: str = "") -> Items:
    typed = (name for name in dict.fromkeys(names) if name.startswith(begun) and _PLAIN.fullmatch(name))
    return [CompletionItem(before + name) for name in typed]


def _last_of_list(names: Iterable[str], begun: str, before: str = "") -> Items:
    """Completions of the last name in a list with commas, without those that it has already."""
    listed, comma, last = begun.rpartition(",")
    left = [name for name in names if name not in listed.split(",")]
    return _items(left, last, before + listed + comma)


def _stems(directory: Path) -> list[str]:
    return sorted(path.stem for path in directory.glob("*.yaml"))


def _anomaly_names() -> list[str]:
    """An anomaly has the name of its file."""
    return _stems(places.shipped_config() / "anomalies") + _stems(places.anomalies_dir())


def _node_names(target: Target) -> list[str]:
    """Names of nodes as they stand in the cluster file; to check it would take longer than anybody waits for a key."""
    from distdiag_core.settings import yaml_document

    try:
        data: Any = yaml_document.read(_cluster_file(target)).data
        return [str(node["name"]) for node in data["nodes"]]
    except (ConfigError, TypeError, LookupError):
        return []


def _cluster_file(target: Target) -> Path:
    """The file of the cluster, found by its name.

    Raises:
        ConfigError: none is named, and there is not just one.
    """
    if target.config is not None:
        return target.config
    names = [target.cluster] if target.cluster else _stems(places.clusters_dir())
    if len(names) != 1:
        raise ConfigError("no cluster is named")
    return places.clusters_dir() / f"{names[0]}.yaml"
