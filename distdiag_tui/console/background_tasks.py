"""What goes on behind the screens of a console, each started and ended by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.experiments.experiment import ExperimentPlan
    from distdiag_core.models.training_job import TrainRequest
    from distdiag_core.obdiag.call import Call
    from distdiag_tui.views.experiment_run import ExperimentRun
    from distdiag_tui.views.obdiag import ObdiagRun
    from distdiag_tui.views.training_run import TrainingRun


class Training(Protocol):
    """The training of this console."""

    @property
    def run(self) -> TrainingRun | None:
        """The last one, or the one that goes on; None before the first."""

    def start(self, request: TrainRequest) -> None:
        """Train a model; progress and result are in the view state."""

    def cancel(self) -> None:
        """End the training that goes on; the view state shows when it has come to its end."""


class Experiment(Protocol):
    """The experiment of this console."""

    @property
    def run(self) -> ExperimentRun | None:
        """The last one, or the one that goes on; None before the first."""

    def start(self, plan: ExperimentPlan, confirmed: str) -> None:
        """Run it in the core, and keep its report."""

    def cancel(self) -> None:
        """End the one that goes on: the load is stopped, and its anomalies are cleared."""


class ObdiagQuestions(Protocol):
    """The questions of this console to obdiag."""

    @property
    def run(self) -> ObdiagRun | None:
        """The last one, or the one that goes on; None before the first."""

    def calls(self, anomaly: str) -> tuple[Call, ...]:
        """The checks and scenes that fit an anomaly; reported where there are none."""

    def start(self, node: str, anomaly: str, calls: Sequence[Call], incident: int | None, confirmed: str) -> None:
        """Run calls about a root cause, and keep what they find in the incident of this number."""

    def cancel(self) -> None:
        """End the call that goes on."""


class MetricsExport(Protocol):
    """The metrics for Prometheus that this console serves."""

    def toggle(self) -> None:
        """Begin to serve, or stop; what came of it is reported."""
