"""The first steps of a new operator: what each choice needs and takes, and the results of a try on all nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.doctor.report import Result
from distdiag_core.setup import privileges, results
from distdiag_tui.drawing.lines import block

if TYPE_CHECKING:
    from distdiag_core.doctor.report import ClusterReport
    from distdiag_core.setup.cluster_draft import ClusterDraft
    from distdiag_tui.drawing.lines import Line, Tone

RECORDING, LAB, OWN, PODS = "recording", "lab", "own", "pods"
CHOICES = (
    (RECORDING, "A recorded incident   at once, anywhere: no cluster, no root"),
    (LAB, "The lab               a real cluster on this machine, best as root"),
    (OWN, "Your own cluster      one address and the accounts; the rest is found"),
    (PODS, "Kubernetes            the pods of ob-operator, found by their labels"),
)
_ABOUT = {
    RECORDING: "Two incidents on a real cluster of three nodes, as they were recorded. Every screen can be looked at,"
    " and nothing can be changed. > jumps to what happened next, space stands still, q leaves."
    "\nLater: distdiag replay example",
    LAB: "Three nodes with OceanBase's engine, each with an address, processes, limits and a disk of its own. It needs"
    " Linux, root, some 4 GiB of memory, and packages, which are installed with apt-get. It takes some minutes, in"
    " the plain terminal; then the console opens on it."
    "\nRemoved without a trace by: distdiag lab down",
    OWN: "The address of one node, and accounts for SSH and SQL. The other nodes are found by SQL; SSH and SQL are"
    " tried on each, and nothing is changed there. Host keys are trusted only after a yes, and the file is written only"
    " when you say so. The cluster is then read-only until you change that."
    "\nThe same in questions: distdiag config init",
    PODS: "The namespace of the pods, and an account for SQL. The nodes are found by the labels of ob-operator, with"
    " kubectl and its current context; no sshd is needed. Each node is tried, nothing is changed there, and the file is"
    " written only when you say so. The cluster is then read-only until you change that."
    "\nThe same by options: distdiag config init --kubernetes --namespace NAMESPACE --name NAME",
}
_NO_ROOT = (
    "You are not root: all nodes will be this one machine, so that an anomaly in one of them affects all, and no"
    " package is installed. As root: distdiag lab up --install"
)
_NARROW = 90
_TONES: dict[str, Tone] = {"pass": "good", "limited": "warn", "fail": "bad"}


def about(choice: str, width: int, *, root: bool) -> list[Line]:
    """What a choice gives, and what it needs and takes."""
    lines = block("", _ABOUT[choice], width)
    return [*lines, *block("", _NO_ROOT, width, "warn")] if choice == LAB and not root else lines


def tried(draft: ClusterDraft, report: ClusterReport, place: str, width: int) -> list[Line]:
    """The table of all nodes, what mends what did not pass, the privileges to give, and the file."""
    lines: list[Line] = _table(report, width)
    for result, heading in ((Result.FAILED, "What failed"), (Result.LIMITED, "What stays off")):
        if found := results.advice(report, result):
            lines += _part(heading, found, width)
    lines += _part(
        "An account of its own for the database, no more than is needed", privileges.sql_statements(draft), width
    )
    if line := privileges.sudoers(draft):
        lines += _part("The line for /etc/sudoers.d/distdiag on each node, for anomalies", (line,), width)
    content = tuple(line for line in draft.text.splitlines() if not line.startswith("#"))
    return lines + _part(place, content, width)


def _part(heading: str, texts: tuple[str, ...], width: int) -> list[Line]:
    body = [line for text in texts for line in block("  ", text, width)]
    return [(("", "plain"),), ((heading, "strong"),), *body]


def _table(report: ClusterReport, width: int) -> list[Line]:
    rows = results.rows(report)
    widths = [max(map(len, column)) for column in zip(results.HEADER, *rows, strict=True)]

    def line(cells: tuple[str, ...], *, head: bool = False) -> Line:
        return tuple(
            (cell.ljust(wide + (1 if width < _NARROW else 2)), "muted" if head else _TONES.get(cell, "plain"))
            for cell, wide in zip(cells, widths, strict=True)
        )

    return [line(results.HEADER, head=True), *map(line, rows)]
