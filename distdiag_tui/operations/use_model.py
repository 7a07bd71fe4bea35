"""Diagnosing with another model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.console import Operation

if TYPE_CHECKING:
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_tui.console import Console


def use_model(console: Console, name: str) -> None:
    """Diagnose with the model called `name` from the next tick on; while the past is shown, also in the present."""
    past = console.looks_back

    def done(model: ModelStatus) -> None:
        known = "never evaluated" if model.ac1 is None else f"AC@1 {model.ac1:.2f}"
        where = " the past that is shown and the present" if past else ""
        console.report(f"{model.name} diagnoses{where} from now on, {known}")
        if model.warning:
            console.report(f"{model.name}: {model.warning}", "warning")

    operation = Operation["ModelStatus"]("use model", f"using {name}", done)
    console.perform(operation, lambda runtime: runtime.models.use(name))
    if past:
        live = Operation["ModelStatus"]("use model live", f"using {name} in the present", lambda _: None)
        console.perform(live, lambda runtime: runtime.models.use(name), live=True)
