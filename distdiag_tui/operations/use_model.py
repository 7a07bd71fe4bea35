"""Diagnosing with another model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_tui.console.console import Console


def use_model(console: Console, name: str) -> None:
    """Diagnose with the model called `name` from the next tick on; while the past is shown, also in the present."""
    past = console.looks_back

    def done(model: ModelStatus) -> None:
        known = "never evaluated" if model.ac1 is None else f"AC@1 {model.ac1:.2f}"
        console.report(f"{model.name} diagnoses{' what is shown' if past else ''} from now on, {known}")
        if model.warning:
            console.report(f"{model.name}: {model.warning}", "warning")
        # One after the other: both note which model is in use.
        if past:
            console.perform(live, lambda runtime: runtime.models.use(name), live=True)

    live = Operation["ModelStatus"](
        "use model live", f"using {name} in the present", lambda model: console.report(f"{model.name} diagnoses live")
    )
    operation = Operation["ModelStatus"]("use model", f"using {name}", done)
    console.perform(operation, lambda runtime: runtime.models.use(name))
