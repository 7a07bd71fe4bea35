"""Text of an evaluation for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_core.cli.output import put, say, table

if TYPE_CHECKING:
    from distdiag_core.diagnosis.evaluation.replay import Replay

_RANKS = ("1", "3", "5")
_BESIDE = ("macro_f1", "macro_f1_first", "first_row_right", "placebo_ac1")


def show(found: dict[str, Any]) -> None:
    """Print what `Evaluation.as_dict` gives."""
    rows = [("all", str(found["cases"]), *_accuracies(found["ac"]))]
    rows += [(name, str(each["cases"]), *_accuracies(each["ac"])) for name, each in found["by_category"].items()]
    if found["by_scenario"].keys() != found["by_category"].keys():
        rows += [(name, str(each["cases"]), *_accuracies(each["ac"])) for name, each in found["by_scenario"].items()]
    table(("SCENARIO", "CASES", "AC@1", "AC@3", "AC@5"), rows)
    _beside(found)
    _figures(found)
    _confusion(found["confusion"])
    for misranking in found["misrankings"]:
        predicted = f", predicted {', '.join(misranking['predicted'])}" if misranking["predicted"] else ""
        when = "" if misranking["time_s"] is None else f" at {misranking['time_s']:.0f}"
        true = ", ".join(misranking["true"]) or "nothing"
        put(f"{misranking['case']}: {misranking['kind']}{when}, true {true}{predicted}")
    if found["not_trained_on"]:
        say(f"note: not trained on, counted as missed: {', '.join(found['not_trained_on'])}")


def say_case(replay: Replay) -> None:
    """Say on stderr what became of a case, before the others are done."""
    from distdiag_core.diagnosis.evaluation.misrankings import misrankings

    kinds = ", ".join(dict.fromkeys(each.kind for each in misrankings([replay])))
    say(f"{replay.case.name}: {kinds or 'right'}")


def _figures(found: dict[str, Any]) -> None:
    detection, sure = found["detection"], found["intervals"]
    put(
        f"AC@1 {figure((found['ac'] or {}).get('1'))}{_span(sure['ac1'])}; "
        f"macro F1 {figure(found['macro_f1'])}{_span(sure['macro_f1'])}; placebo AC@1 {figure(found['placebo_ac1'])} "
        f"(chance {figure(found['chance'])}, {found['placebo_cases']} cases)"
    )
    put(
        f"F1 of as many of the first as there are true ones {figure(found['macro_f1_first'])}; "
        f"seconds with the right first row, from the fifth on: {figure(found['first_row_right'])}"
    )
    put(
        f"detection: recall {figure(detection['recall'])}{_span(sure['recall'])}, "
        f"median delay {figure(detection['median_delay_s'])} s{_span(sure['median_delay_s'])}, "
        f"{figure(detection['false_alarms_per_hour'])} false alarms an hour{_span(sure['false_alarms_per_hour'])} in "
        f"{figure(detection['normal_hours'])} normal hours"
    )
    put(f"calibration error {figure(found['calibration_error'])}; in brackets: 95 % confidence intervals")


def _beside(found: dict[str, Any]) -> None:
    """The same figures of the baselines, each with its placebo."""
    if found["baselines"]:
        rows = [
            (name, *_accuracies(each["ac"]), *(figure(each[key]) for key in _BESIDE))
            for name, each in {"distdiag": found, **found["baselines"]}.items()
        ]
        table(("METHOD", "AC@1", "AC@3", "AC@5", "MACRO F1", "F1 OF THE FIRST", "FIRST ROW", "PLACEBO"), rows)


def _confusion(confusion: dict[str, dict[str, int]]) -> None:
    told = sorted({name for row in confusion.values() for name in row})
    rows = [(true, *(str(row.get(name, "")) for name in told)) for true, row in confusion.items()]
    if rows:
        table(("TRUE \\ SAID", *told), rows)


def _accuracies(ac: dict[str, float] | None) -> tuple[str, ...]:
    return tuple(figure((ac or {}).get(k)) for k in _RANKS)


def _span(interval: list[float] | None) -> str:
    return f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""


def figure(value: float | None) -> str:
    """Three digits; - where there is none."""
    return "-" if value is None else f"{value:.3f}"
