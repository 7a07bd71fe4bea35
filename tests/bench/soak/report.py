"""What a soak found: a table of its minutes, the verdicts on its slopes, and what was missing; as text and Markdown."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tests.bench.soak.trend import Point, grows, second_half, trend, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.soak.figures import PartFigures, Row
    from tests.bench.soak.findings import Findings
    from tests.bench.soak.ledger import Ledger

_MOST_ROWS = 40
_MOST_LINES = 25
# Of a part, with what it may grow an hour before that is a finding: two per cent of what a console takes.
_PART_SERIES: tuple[tuple[str, str, float, Callable[[PartFigures], float]], ...] = (
    ("resident memory", "MiB", 4.0, lambda part: part.rss_mib),
    ("file descriptors", "", 1.0, lambda part: part.fds),
    ("threads", "", 1.0, lambda part: part.threads),
)
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def minutes(rows: Sequence[Row]) -> Table:
    """The rows of a run, thinned where they are many."""
    names = list(dict.fromkeys(name for row in rows for name in row.parts))
    head = ("minute", *(f"{name}: MiB, fds, threads, late ms" for name in names), "leases", "injected", "cases", "log")
    step = max(1, len(rows) // _MOST_ROWS)
    return head, [
        (
            f"{row.at_s / 60:.0f}",
            *(_part_cell(row.parts.get(name)) for name in names),
            str(sum(node.leases for node in row.nodes.values())),
            str(row.made),
            str(row.cases),
            " ".join(f"{count} {level.lower()}" for level, count in sorted(row.log.items())) or "-",
        )
        for row in rows[::step]
    ]


def _part_cell(part: PartFigures | None) -> str:
    if part is None:
        return "down"
    late = "-" if not part.late_ms else "/".join(f"{each:.0f}" for each in part.late_ms)
    return f"{part.rss_mib:.0f} {part.fds} {part.threads} {late}"


def slopes(rows: Sequence[Row]) -> tuple[Table, list[str]]:
    """The verdict on each figure of each part, and those that grow."""
    head: tuple[str, ...] = ("part", "figure", "at the end", "second half", "least, most")
    table: list[tuple[str, ...]] = []
    growing = []
    for part, figure, unit, tolerance, points in _series(rows):
        late = second_half(points, rows[-1].at_s)
        found = trend(late)
        said = verdict(found, tolerance)
        values = [point.value for point in points]
        extremes = f"{min(values):.0f}, {max(values):.0f}"
        table.append((part, f"{figure} {unit}".strip(), f"{values[-1]:.0f}", said, extremes))
        if grows(found, tolerance):
            growing.append(f"{part}: {figure} {said}")
    return (head, table), growing


def _series(rows: Sequence[Row]) -> list[tuple[str, str, str, float, list[Point]]]:
    found: list[tuple[str, str, str, float, list[Point]]] = []
    for name in dict.fromkeys(name for row in rows for name in row.parts):
        for figure, unit, tolerance, value in _PART_SERIES:
            points = [
                Point(row.at_s, value(row.parts[name]), row.parts[name].life) for row in rows if name in row.parts
            ]
            found.append((name, figure, unit, tolerance, points))
    for name in dict.fromkeys(name for row in rows for name in row.nodes):
        of = [(row.at_s, row.nodes[name]) for row in rows if name in row.nodes]
        found.append((name, "remote programs", "", 1.0, [Point(at_s, node.programs) for at_s, node in of]))
        found.append((name, "their memory", "MiB", 2.0, [Point(at_s, node.programs_mib) for at_s, node in of]))
        found.append((name, "SSH sessions", "", 1.0, [Point(at_s, node.sessions) for at_s, node in of]))
    return found


def lateness(rows: Sequence[Row]) -> Table:
    """How late ticks were in each half, and what a recording grows by an hour."""
    head = ("part", "late p50, p99 ms: first half", "second half", "worst minute", "CPU, % of one core", "MB an hour")
    table = []
    for name in dict.fromkeys(name for row in rows for name in row.parts):
        of = [(row.at_s, row.parts[name]) for row in rows if name in row.parts]
        halves = [
            [part.late_ms for at_s, part in of if part.late_ms and (at_s >= rows[-1].at_s / 2) == late]
            for late in (False, True)
        ]
        worst = max((part.late_ms[1] for _, part in of if part.late_ms), default=0.0)
        cpu = [(at_s, part.cpu_s, part.life) for at_s, part in of]
        size = [(at_s, part.recording_mib * 1.048576, part.life) for at_s, part in of]
        table.append(
            (
                name,
                *(_median_pair(half) for half in halves),
                f"{worst:.0f} ms",
                f"{100 * _rate(cpu):.1f}",
                f"{3600 * _rate(size):.1f}",
            )
        )
    return head, table


def _median_pair(pairs: Sequence[tuple[float, ...]]) -> str:
    """The medians over the minutes."""
    if not pairs:
        return "-"
    middle = len(pairs) // 2
    return ", ".join(f"{sorted(pair[at] for pair in pairs)[middle]:.0f}" for at in (0, 1))


def _rate(values: Sequence[tuple[float, float, int]]) -> float:
    """The growth a second of what only grows within a life."""
    pairs = [(later, earlier) for earlier, later in pairwise(values) if earlier[2] == later[2]]
    seconds = sum(later[0] - earlier[0] for later, earlier in pairs)
    return sum(later[1] - earlier[1] for later, earlier in pairs) / seconds if seconds else 0.0


def summary(ledger: Ledger, found: Findings) -> Table:
    """What was done, and what is on record of it."""
    asked, made = ledger.asked, len(ledger.injected)
    excluded = sum(found.excluded.values())
    rows: list[tuple[str, ...]] = [
        (
            "injections asked for",
            f"{asked['asked']}: {asked['made']} made, {asked['refused']} refused, {asked['failed']} failed",
        ),
        ("injections on nodes, in cases", f"{made}, {found.in_cases} ({excluded} excluded)"),
        ("events expected in recordings, lost", f"{found.expected}, {len(found.lost)}"),
        ("ticks recorded, missing", f"{found.ticks}, {found.ticks_missing}"),
        ("acts missing in the audit log", str(len(found.not_audited))),
        ("errors in the log", str(found.errors)),
        ("screens visited, stalls of a terminal", f"{ledger.visits}, {ledger.stalls}"),
        ("databases and SSH servers killed", str(len(ledger.outages))),
    ]
    for part in sorted({each.part for each in ledger.kills}):
        times = [each.back_s for each in ledger.kills if each.part == part]
        back = [each for each in times if each is not None]
        rows.append(
            (
                f"killed: {part}",
                f"{len(times)}, back after at most {max(back, default=0.0):.0f} s"
                + (f", {len(times) - len(back)} never" if len(back) < len(times) else ""),
            )
        )
    return ("what", "count"), rows


def problems(ledger: Ledger, found: Findings, growing: Sequence[str]) -> list[str]:
    """The findings, each in a line; empty where all is well."""
    return [
        *(f"{count} times: {what}" for what, count in ledger.unexpected.items()),
        *found.lost,
        *(f"not in the audit log: {each}" for each in found.not_audited),
        *(f"cannot be read: {each}" for each in found.unreadable),
        *(f"{count} times in the log: {level} {text}" for level, text, count in found.log if level != "WARNING"),
        *growing,
    ]


def remarks(ledger: Ledger, found: Findings) -> list[str]:
    """What is no finding by itself."""
    return [
        *(f"{count} times: {what}" for what, count in ledger.notes.most_common(_MOST_LINES)),
        *(f"{count} injections in a case that is excluded: {why}" for why, count in found.excluded.items()),
        *(f"in no case: {each}" for each in found.in_no_case[:_MOST_LINES]),
        *(f"{count} times in the log: {text}" for level, text, count in found.log[:_MOST_LINES] if level == "WARNING"),
    ]


def as_text(table: Table) -> str:
    """The table in columns."""
    head, rows = table
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )


def as_markdown(table: Table) -> str:
    """The table for docs/performance.md."""
    head, rows = table
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def whole(rows: Sequence[Row], ledger: Ledger, found: Findings, title: str) -> tuple[str, list[str], str]:
    """The report as text, its findings, and its tables as Markdown."""
    of_slopes, growing = slopes(rows) if rows else ((("part",), []), [])
    wrong = problems(ledger, found, growing)
    tables = [minutes(rows), of_slopes, lateness(rows), summary(ledger, found)] if rows else [summary(ledger, found)]
    parts = [title, *map(as_text, tables)]
    parts.append("\n".join(["remarks:", *(f"  {each}" for each in remarks(ledger, found))]))
    parts.append("\n".join([f"findings: {len(wrong)}", *(f"  {each}" for each in wrong)]))
    return "\n\n".join(parts) + "\n", wrong, "\n\n".join(map(as_markdown, tables[1:])) + "\n"
