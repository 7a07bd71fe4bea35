"""The files that are made from the code: `python -m tests.pages.reference` writes them, tests compare them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.anomalies import catalogue
from tests.pages import anomaly_page, cluster_file, json_page, keys_page, metrics_page, verbs_page
from tests.pages.verb_groups import GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pages.verb_groups import Group

ROOT = Path(__file__).parents[2]


def _anomalies(before: str) -> str:
    """The page of the anomalies; what was measured is kept."""
    shipped = catalogue.load(places.shipped_config() / "anomalies")
    return anomaly_page.page(shipped, anomaly_page.effects_of(before), anomaly_page.endings_of(before))


def _commands(place: str, _: str) -> str:
    return anomaly_page.commands_page(catalogue.load(places.shipped_config() / "anomalies"), place)


def _options(group: Group, _: str) -> str:
    return verbs_page.options_page(group)


def _json(group: Group, _: str) -> str:
    return json_page.verbs_page(group)


MADE: dict[str, Callable[[str], str]] = {
    "config/cluster.example.yaml": lambda _: cluster_file.example(),
    "docs/configuration.md": cluster_file.with_tables,
    "docs/anomalies.md": _anomalies,
    **{f"docs/anomalies/{place}.md": partial(_commands, place) for place in anomaly_page.PLACES},
    "docs/metrics.md": lambda _: metrics_page.page(),
    "docs/keys.md": lambda _: keys_page.page(),
    "docs/verbs.md": lambda _: verbs_page.index(),
    **{f"docs/verbs/{each.name}.md": partial(_options, each) for each in GROUPS},
    "docs/json/README.md": lambda _: json_page.introduction(),
    **{f"docs/json/{each.name}.md": partial(_json, each) for each in GROUPS},
    "docs/json/api.md": lambda _: json_page.api_page(),
    "docs/json/schema.json": lambda _: json_page.schema(),
}
"""The text of each file, from the one that it has."""


def text_of(name: str) -> str:
    """The text that a file has; empty where there is none."""
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main() -> None:
    """Write every file anew."""
    for name, make in MADE.items():
        (ROOT / name).parent.mkdir(exist_ok=True)
        (ROOT / name).write_text(make(text_of(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
