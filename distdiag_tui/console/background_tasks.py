"""What goes on behind the screens of a console, each started and ended by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from distdiag_tui.views.experiment_run import ExperimentRun
from distdiag_tui.views.obdiag import ObdiagRun
from distdiag_tui.views.task_run import TaskRun
from distdiag_tui.views.training_run import TrainingRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.experiments.experiment import ExperimentPlan
    from distdiag_core.models.training_job import TrainRequest
    from distdiag_core.obdiag.call import Call


R_co = TypeVar("R_co", bound=TaskRun, covariant=True)


class Task(Protocol[R_co]):
    """A task that goes on behind the screens, one run at a time."""

    @property
    def run(self) -> R_co | None:
        """The last one, or the one that goes on; None before the first."""

    def cancel(self) -> None:
        """Let the run come to its end soon; it shows when it has."""


class Training(Task[TrainingRun], Protocol):
    """The training of this console."""

    def start(self, request: TrainRequest) -> None:
        """Train a model; progress and result are in the view state."""


class Experiment(Task[ExperimentRun], Protocol):
    """The experiment of this console."""

    def start(self, plan: ExperimentPlan, confirmed: str) -> None:
        """Run it in the core, and keep its report."""


class ObdiagQuestions(Task[ObdiagRun], Protocol):
    """The questions of this console to obdiag."""

    def calls(self, anomaly: str) -> tuple[Call, ...]:
        """The checks and scenes that fit an anomaly; reported where there are none."""

    def start(self, node: str, anomaly: str, calls: Sequence[Call], incident: int | None, confirmed: str) -> None:
        """Run calls about a root cause, and keep what they find in the incident of this number."""


class MetricsExport(Protocol):
    """The metrics for Prometheus that this console serves."""

    def toggle(self) -> None:
        """Begin to serve, or stop; what came of it is reported."""
