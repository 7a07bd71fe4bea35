"""Report page of an evaluation: Markdown, with plots as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_core.diagnosis.evaluation import evaluation_plots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_RANKS = ("1", "3", "5")
_BESIDE = ("macro_f1", "macro_f1_first", "first_row_right", "placebo_ac1")
# AC@k of Xiang et al. (2025) on a real cluster of three nodes, ten cases a scenario.
_PAPER = {
    "one node, one anomaly": (0.91, 0.94, 0.95),
    "two nodes, one anomaly": (0.97, 0.98, 0.97),
    "one node, two anomalies": (0.97, 0.98, 0.98),
    "several nodes, several anomalies": (0.89, 0.92, 0.92),
}


def report_files(found: dict[str, Any], how: str) -> Mapping[str, str]:
    """Texts of the files of a report by their names: the page `README.md` and its plots.

    Args:
        found: as of `Evaluation.as_dict`.
        how: a sentence on what was trained and tested on.
    """
    return {
        "accuracy.svg": _accuracy_plot(found),
        "reliability.svg": evaluation_plots.reliability(found["reliability"]),
        "README.md": "\n".join(_page(found, how)) + "\n",
    }


def _accuracy_plot(found: dict[str, Any]) -> str:
    ours = {name: each["ac"].get("1") for name, each in found["by_category"].items()}
    paper = {name: _PAPER[name][0] if name in _PAPER else None for name in ours}
    return evaluation_plots.bars("AC@1", {"ours": ours, "the paper": paper} if any(paper.values()) else {"ours": ours})


def _page(found: dict[str, Any], how: str) -> Iterable[str]:
    yield from ("# Evaluation", "", f"{how} {found['cases']} cases.", "", "![AC@1 by category](accuracy.svg)", "")
    rows = [_row("**all**", found["cases"], found["ac"])]
    rows += [_row(name, each["cases"], each["ac"], _PAPER.get(name)) for name, each in found["by_category"].items()]
    yield from _table(("category", "cases", "AC@1", "AC@3", "AC@5", "the paper's"), rows)
    yield from ("## Scenarios", "")
    rows = [_row(name, each["cases"], each["ac"]) for name, each in found["by_scenario"].items()]
    yield from _table(("scenario", "cases", "AC@1", "AC@3", "AC@5", ""), rows)
    if found["baselines"]:
        yield from ("## Beside simpler ways", "")
        rows = [
            (name, *_accuracies(each["ac"]), *(_figure(each[key]) for key in _BESIDE))
            for name, each in {"ours": found, **found["baselines"]}.items()
        ]
        header = ("AC@1", "AC@3", "AC@5", "macro F1", "macro F1 of the first", "first row right", "placebo AC@1")
        yield from _table(("way", *header), rows)
    yield from _figures_section(found)
    yield from _anomalies_section(found)
    yield from ("## Confidence", "", "![reliability](reliability.svg)", "")
    yield from _misrankings_section(found["misrankings"])


def _figures_section(found: dict[str, Any]) -> Iterable[str]:
    detection, sure = found["detection"], found["intervals"]
    ac = found["ac"] or {}
    rows = [(f"AC@{k}", _figure(ac.get(k)), _span(sure[f"ac{k}"])) for k in _RANKS]
    rows += [
        ("macro F1", _figure(found["macro_f1"]), _span(sure["macro_f1"])),
        ("macro F1 of the first", _figure(found["macro_f1_first"]), ""),
        ("seconds with the right first row", _figure(found["first_row_right"]), ""),
        ("recall of detection", _figure(detection["recall"]), _span(sure["recall"])),
        ("median delay, s", _figure(detection["median_delay_s"]), _span(sure["median_delay_s"])),
        ("false alarms an hour", _figure(detection["false_alarms_per_hour"]), _span(sure["false_alarms_per_hour"])),
        ("normal hours", _figure(detection["normal_hours"]), ""),
        (f"placebo AC@1, {found['placebo_cases']} cases", _figure(found["placebo_ac1"]), ""),
        ("chance", _figure(found["chance"]), ""),
        ("calibration error", _figure(found["calibration_error"]), ""),
    ]
    yield from ("## Figures", "", "Intervals are of 95 %: groups of cases drawn again, and exact for rates.", "")
    yield from _table(("figure", "value", "interval"), rows)


def _anomalies_section(found: dict[str, Any]) -> Iterable[str]:
    yield from ("## Anomalies", "", "How often each was predicted as which:", "")
    predicted = sorted({name for row in found["confusion"].values() for name in row})
    rows = [
        (true, *_kind(found["by_anomaly"].get(true)), *(str(row.get(name, "")) for name in predicted))
        for true, row in found["confusion"].items()
    ]
    yield from _table(("true", "precision", "recall", "F1", *predicted), rows)


def _kind(accuracy: dict[str, float | None] | None) -> tuple[str, ...]:
    return tuple(_figure((accuracy or {}).get(key)) for key in ("precision", "recall", "f1"))


def _misrankings_section(misrankings: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from ("## What went wrong", "")
    if not misrankings:
        yield "Nothing."
        return
    rows = [
        (each["case"], each["kind"], ", ".join(each["true"]) or "nothing", ", ".join(each["predicted"]))
        for each in misrankings
    ]
    yield from _table(("case", "what", "true", "predicted"), rows)


def _row(name: str, cases: int, ac: dict[str, float] | None, paper: tuple[float, ...] | None = None) -> tuple[str, ...]:
    return name, str(cases), *_accuracies(ac), " / ".join(f"{each:.2f}" for each in paper or ())


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    yield _line(header)
    yield _line(("---",) * len(header))
    yield from map(_line, rows)
    yield ""


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _accuracies(ac: dict[str, float] | None) -> tuple[str, ...]:
    return tuple(_figure((ac or {}).get(k)) for k in _RANKS)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _span(interval: list[float] | None) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else "-"
