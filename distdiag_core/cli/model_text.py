"""A model as facts and as text: what it was trained on and how, and its thresholds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from distdiag_core.cli.evaluation_text import figure
from distdiag_core.cli.output import put, table

if TYPE_CHECKING:
    from collections.abc import Collection

    from distdiag_core.diagnosis.model.model import Model


_WORDS = {"True": "yes", "False": "no", "None": "as suits the data"}


def facts_of(model: Model, read: Collection[str]) -> dict[str, Any]:
    """The model as JSON has it, where the metrics `read` are read."""
    return {
        "name": model.name,
        "anomalies": model.anomalies,
        "metrics": model.features.metrics,
        "training": asdict(model.training),
        "thresholds": {
            anomaly: {"past": each.with_past, "level": each.without_past} for anomaly, each in model.thresholds.items()
        },
        "look_alikes": model.look_alikes.facts(read) if model.look_alikes is not None else None,
        "evaluation": dict(model.evaluation),
    }


def show(model: Model, read: Collection[str]) -> None:
    """Print the model, where the metrics `read` are read."""
    training = model.training
    put(f"{model.name}: {', '.join(model.anomalies)}")
    put(f"trained on {len(training.cases)} cases of {len(training.groups)} groups, {training.windows} windows")
    put(f"sources: {'; '.join(training.sources)}")
    put(f"calibration error of held-out windows {figure(training.calibration_error)}")
    for key, value in {**training.options, **training.made_with}.items():
        put(f"  {key.replace('_', ' ')}: {_WORDS.get(str(value), value)}")
    rows = [(each, figure(bound.with_past), figure(bound.without_past)) for each, bound in model.thresholds.items()]
    table(("ANOMALY", "THRESHOLD", "WITHOUT A PAST"), rows)
    if model.look_alikes is not None:
        put(f"second stage: {model.look_alikes.summary(read)}")
