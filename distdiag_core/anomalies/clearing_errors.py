"""Why injections were not all cleared, with what was cleared all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.anomalies.injection import Injection


class PartlyClearedError(UnreachableError):
    """Some nodes could not be asked to clear.

    Attributes:
        ended: the injections that were ended on the others.
        silent: the places that did not answer, as `Injector.clear_all` takes them, with the reasons.
    """

    def __init__(self, what: str, ended: tuple[Injection, ...], silent: Mapping[str, str]) -> None:
        super().__init__(what, hint="what is on it ends at its own deadline")
        self.ended = ended
        self.silent = dict(silent)


class NotThereError(DistdiagError):
    """No node has these injections; all nodes were asked.

    Attributes:
        ended: the other injections that were to be cleared.
        missing: the ids.
    """

    def __init__(self, ended: tuple[Injection, ...], missing: tuple[str, ...]) -> None:
        super().__init__(
            f"no node has an injection called {', '.join(missing)}", hint="`distdiag injections` lists what there is"
        )
        self.ended = ended
        self.missing = missing
