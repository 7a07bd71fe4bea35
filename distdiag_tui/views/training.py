"""A training, classifier by classifier, and what came of it, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import countdown, figure, stopwatch
from distdiag_tui.drawing.lines import BLANK, Line, block

if TYPE_CHECKING:
    from distdiag_core.models.model_registry import ModelFacts
    from distdiag_tui.views.training_run import Step, TrainingRun
    from distdiag_tui.views.view_state import ViewState

# Before this share is done, the time that is left cannot be estimated.
_TELLING = 0.05
_NOTHING_YET = (
    "Nothing was trained yet. Training goes on beside all else: figures and diagnoses go on, and it does not end "
    "when this screen is closed."
)


def run_lines(view: ViewState, width: int) -> list[Line]:
    """How far it is, its result, and how many classifiers of each anomaly are learned."""
    run = view.training
    if run is None:
        return block(" ", _NOTHING_YET, width, "muted")
    lines = [_head(view, run), _bar(view, run, width)]
    if run.facts is not None:
        lines += [BLANK, *result_lines(view, run.facts, width)]
    if run.failure:
        lines += [BLANK, *block(f" {view.glyphs.down} ", run.failure, width, "bad")]
    return [*lines, BLANK, *_classifier_lines(view, run, width)]


def result_lines(view: ViewState, facts: ModelFacts, width: int) -> list[Line]:
    """What a model was made of, and how good it was found to be."""
    made = f"{facts.cases} cases, {figure(facts.windows, '')} windows, {len(facts.anomalies)} anomalies"
    anomalies = ", ".join(view.anomaly_label(each) for each in facts.anomalies)
    lines: list[Line] = [
        ((f" {view.glyphs.good} {facts.name}", "good"), (f"  {made}", "plain")),
        *block(" ", anomalies, width, "muted"),
    ]
    if facts.ac1 is None:
        said = "not evaluated: it was trained without test cases, so that nobody knows how good it is"
        return [*lines, *block(" ", said, width, "warn")]
    macro = f"  macro F1 {facts.macro_f1:.2f}" if facts.macro_f1 is not None else ""
    return [*lines, ((f" AC@1 {facts.ac1:.2f}{macro}", "strong"), ("  on its test cases", "muted"))]


def _head(view: ViewState, run: TrainingRun) -> Line:
    passed = (run.ended_s if run.ended_s is not None else view.now_s) - run.began_s
    if run.goes_on:
        if run.called_off:
            return (
                (f" {view.glyphs.running} ", "warn"),
                (f"ending the training of {run.name} ...", "strong"),
                (f"  {stopwatch(passed)}", "muted"),
            )
        left = f", about {countdown(passed / run.share - passed)} left" if run.share >= _TELLING else ""
        return (
            (f" {view.glyphs.running} ", "accent"),
            (f"training {run.name}", "strong"),
            (f"  {stopwatch(passed)}{left}", "muted"),
        )
    word = "trained" if run.facts is not None else "no model"
    return (
        (f" {view.glyphs.stopped} ", "muted"),
        (f"{run.name}: {word}", "strong"),
        (f" after {passed:.1f} s", "muted"),
    )


def _bar(view: ViewState, run: TrainingRun, width: int) -> Line:
    share = f" {run.share:4.0%} "
    return ((share, "plain"), (view.glyphs.bar(run.share, max(4, width - len(share) - 1)), "calm"))


def _classifier_lines(view: ViewState, run: TrainingRun, width: int) -> list[Line]:
    """A row for each anomaly, which has several classifiers; the rest of the work is named while it goes on."""
    lines: list[Line] = []
    if run.steps and run.goes_on:
        lines = [*block(f" {view.glyphs.running} ", _step_words(view, run.steps[-1]), width), BLANK]
    # The last step may have no duration yet.
    ended = list(zip(run.steps, run.durations_s(), strict=False))
    for anomaly in sorted({step.anomaly for step in run.steps if step.anomaly}):
        learned = [took_s for step, took_s in ended if step.anomaly == anomaly]
        name = f" {view.glyphs.fit(view.anomaly_label(anomaly), 22)}"
        lines.append(((name, "plain"), (f"{len(learned):>3} learned {sum(learned):7.1f} s", "muted")))
    return lines


def _step_words(view: ViewState, step: Step) -> str:
    return f"{view.anomaly_label(step.anomaly)}: {step.stage}" if step.anomaly else step.stage
