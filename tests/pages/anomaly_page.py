"""The page of the documentation about the anomalies, from the catalogue and the effects that were measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.pages.markdown import anchor, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.anomalies.catalogue import Anomaly, AnomalyCatalogue, Method

    # Anomaly and severity -> the other cells of its row.
    Effects = Mapping[tuple[str, str], tuple[str, ...]]

_KINDS = ("anomaly", "on screen", "category", "methods, the best first", "limits")
_HEADER = ("anomaly", "severity", "tps", "p95, ms", "moved most on the node", "moved most elsewhere")
_ROW = re.compile(r"\| (\w+) \| (low|medium|high) \| (.*) \|")
_ENDINGS = re.compile(r"^## Endings\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)

_INTRODUCTION = """\
# The anomalies

What `distdiag inject ANOMALY` and the console (`i`) can inject, and what it did on the lab. A kind links to the
commands that it runs on a node. Made from the catalogue in `config/anomalies/` by `make reference`: change the
catalogue, not the page.

- **Every injection is a lease on its node.** A process there ends it at its deadline, whatever becomes of the
  console, the SSH link or the jump host.
- **Its effect is proved** after it has begun, and that nothing is left when it has ended.
- **The abort rule** of the cluster file holds while a console, `inject --watch` or a campaign watches: where the
  steady state under `abort` breaks, all that it has begun is ended at once. A database that cannot be reached for ten
  seconds is such a break, unless the file says otherwise, and except on a node where an anomaly was begun that may
  cut it off.
- **Several anomalies are one operation**, a compound injection:
  `distdiag inject cpu_stress@n1:high io_stress@n2+10s/30s`, or *Add* in the injection dialog. Each has its own nodes,
  severity, start (`+10s`) and duration (`/30s`); what it leaves out is taken from the options. Where a safety rule
  refuses one of them, alone or beside the others of that time, none begins. One that fails while it runs is named, and
  the others go on. Clearing all, or the end of the program, also cancels what has not begun.
- **Presets**: `--preset NAME` takes a named combination, of `config/presets.yaml` or of your own
  `~/.config/distdiag/presets.yaml` (`--presets` lists them), on the nodes given or else the first of the cluster.
  `--save-preset NAME`, or *Save* in the dialog, keeps what is injected, or with `--dry-run` only shown; its nodes are
  numbers in the order of the cluster. `--repeat` is what was injected last, by the audit log.

## Kinds
"""

_EFFECTS = """\
## Effects

Measured on the lab: sysbench on every node, the anomaly on one of them for a quarter of a minute. tps and p95 are
medians, before → during, of the node that is hit. Behind each metric is how far its median moved, in robust standard
deviations of a normal minute. The lab shares its machine with whatever else runs there, so that a row is to be read
against its own "before", and what moved on other nodes is mostly chance.
"""

_COMMANDS = """\
What each anomaly runs on a node, the best method first ([all anomalies](../anomalies.md)). Made from the catalogue in
`config/anomalies/` by `make reference`.

`begin` comes first, `run` lasts until the end, `prove` succeeds once the effect is there, `undo` reverts what ending
the processes does not, and `gone` succeeds once nothing is left. `{name}` stands for a value that is filled in,
quoted; `$PIDS` for the processes of the injection, `$LEASE` for its directory on the node.
"""
PLACES = {"host": "on the host", "database": "in the database"}
"""The pages of commands, with their titles."""


def page(catalogue: AnomalyCatalogue, effects: Effects, endings: str = "") -> str:
    """The page of all kinds; `endings` is what `endings_of` found in the one before."""
    kinds = table(_KINDS, map(_kind, catalogue.anomalies))
    whole = f"{_INTRODUCTION}\n{kinds}\n{_EFFECTS}\n{_effects_table(catalogue, effects)}\n{endings}"
    return f"{whole.rstrip()}\n"


def commands_page(catalogue: AnomalyCatalogue, place: str) -> str:
    """The commands of the anomalies of a place: `host` or `database`."""
    title = f"# Anomalies {PLACES[place]}\n\n{_COMMANDS}"
    return "\n".join([title, *(_section(anomaly) for anomaly in catalogue.anomalies if place_of(anomaly) == place)])


def place_of(anomaly: Anomaly) -> str:
    """Where an anomaly acts, by its category."""
    return "database" if anomaly.category in ("database", "workload") else "host"


def endings_of(text: str) -> str:
    """The section of a page that tells how the endings went, which is written by hand; empty where there is none."""
    found = _ENDINGS.search(text)
    return found.group() if found else ""


def effects_of(text: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The effects that a page tells of."""
    rows = (match.groups() for match in map(_ROW.fullmatch, text.splitlines()) if match)
    return {(anomaly, severity): tuple(cells.split(" | ")) for anomaly, severity, cells in rows}


def _effects_table(catalogue: AnomalyCatalogue, effects: Effects) -> str:
    rows = [
        (anomaly.name, severity, *effects[anomaly.name, severity])
        for anomaly in catalogue.anomalies
        for severity in anomaly.severities
        if (anomaly.name, severity) in effects
    ]
    return table(_HEADER, rows) if rows else "Not measured yet.\n"


def _section(anomaly: Anomaly) -> str:
    facts = [
        f"`{anomaly.name}`",
        anomaly.category,
        f"on {'the whole cluster' if anomaly.scope == 'cluster' else 'nodes'}",
    ]
    if anomaly.cuts_off:
        facts.append("may cut its node off")
    if anomaly.off_by_default:
        facts.append("off unless `protect.allow` names it")
    parts = [f"## {anomaly.label}\n", f"{', '.join(facts)}.\n", f"{anomaly.what}\n"]
    if anomaly.parameters:
        parts.append(_severities(anomaly))
    parts += [_method(number, method) for number, method in enumerate(anomaly.methods, start=1)]
    return "\n".join(parts)


def _kind(anomaly: Anomaly) -> tuple[str, ...]:
    limits = [
        *(["may cut its node off"] if anomaly.cuts_off else []),
        *(["off unless `protect.allow` names it"] if anomaly.off_by_default else []),
    ]
    link = f"[{anomaly.label}](anomalies/{place_of(anomaly)}.md#{anchor(anomaly.label)})"
    return (
        f"`{anomaly.name}`",
        link,
        anomaly.category,
        ", ".join(method.name for method in anomaly.methods),
        ", ".join(limits),
    )


def _severities(anomaly: Anomaly) -> str:
    header = ("severity", *(f"{name}{f', {p.unit}' if p.unit else ''}" for name, p in anomaly.parameters.items()))
    rows = (
        (severity, *(str(values[name]) for name in anomaly.parameters))
        for severity, values in anomaly.severities.items()
    )
    return table(header, rows)


def _method(number: int, method: Method) -> str:
    needs = [*(f"`{program}`" for program in method.needs)]
    if method.root:
        needs.append("root, or sudo without a password")
    if method.account:
        needs.append("the SQL account")
    refused = [f"Not where {requirement.otherwise}." for requirement in method.requires]
    sentences = [f"{number}. By **{method.name}**.", *([f"Needs {', '.join(needs)}."] if needs else []), *refused]
    steps = {
        "begin": method.setup,
        "run": (method.run,) if method.run else (),
        "prove": method.check,
        "undo": method.undo,
    }
    lines = [
        f"   {name:<6} {line}".rstrip()
        for name, commands in (steps | {"gone": method.gone}).items()
        for command in commands
        for name, line in _labelled(name, command)
    ]
    return f"{' '.join(sentences)}\n\n   ```sh\n{chr(10).join(lines)}\n   ```\n"


def _labelled(name: str, command: str) -> Iterable[tuple[str, str]]:
    first, *rest = command.splitlines()
    return [(name, first), *(("", line) for line in rest)]
