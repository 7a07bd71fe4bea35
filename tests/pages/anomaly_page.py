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
_ENDINGS = re.compile(r"^## Endings\n.*?(?=^## )", re.MULTILINE | re.DOTALL)

_INTRODUCTION = """\
# The anomalies

What `distdiag inject ANOMALY` and the console can make to happen. This page is written from the catalogue in
`config/anomalies/` by `make reference`; change the catalogue, not the page.

Every injection is a lease on its node: a process there ends it at its deadline, whatever becomes of the console, the
SSH link or the jump host. Its effect is proved after it has begun (`prove`), and that nothing is left when it has ended
(`gone`). `{name}` stands for a value that is filled in, quoted; `$PIDS` for the processes of the injection and `$LEASE`
for its directory on the node.

While a console (or `inject --watch`, or a campaign) that has begun an injection watches, the abort rule of the cluster
file holds as well: where the steady state under `abort` breaks, all that it has begun is ended at once. A node whose
database cannot be reached for ten seconds is such a break unless the file says otherwise, except where the console has
begun an anomaly there that may cut its node off: to lose that node was then asked for. Other nodes are not spared.

Several anomalies are one act, a compound injection: `distdiag inject cpu_stress@n1:high io_stress@n2+10s/30s`, or in
the console by *Add* in the injection dialog; each has its own nodes, severity, start offset (`+10s`) and duration
(`/30s`), and what it leaves out is taken from the options. Where a safety rule refuses one of them, alone or beside the
others that last at that time, none begins. One that fails while it runs is told, and the others go on to their
deadlines; clearing all ends what is active and calls off what is to come, as does the end of the program that began it.
`--preset NAME` takes a named combination, of `config/presets.yaml` or of your own `~/.config/distdiag/presets.yaml`
(`--presets` lists them), on the nodes given or else the first of the cluster; `--repeat` what was injected last, as the
audit log has it. `--save-preset NAME` keeps what is injected, or with `--dry-run` only shown, as a preset of your own,
as *Save* does in the injection dialog; its nodes are numbers, in the order of the cluster, so that it can go elsewhere.

## Kinds
"""

_EFFECTS = """\
## Effects

Measured on the lab: sysbench on every node, the anomaly on one of them for a quarter of a minute. tps and p95 are
medians, before → during, of the node that is hit. Behind each metric is how far its median moved, in robust standard
deviations of a normal minute. The lab shares its machine with whatever else runs there, so that a row is to be read
against its own "before", and what moved on other nodes is mostly chance.
"""


def page(catalogue: AnomalyCatalogue, effects: Effects, endings: str = "") -> str:
    """The whole page; `endings` is what `endings_of` found in the one before."""
    kinds = table(_KINDS, map(_kind, catalogue.anomalies))
    anomalies = "\n".join(_section(anomaly) for anomaly in catalogue.anomalies)
    return f"{_INTRODUCTION}\n{kinds}\n{_EFFECTS}\n{_effects_table(catalogue, effects)}\n{endings}{anomalies}"


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
    link = f"[{anomaly.label}](#{anchor(anomaly.label)})"
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
