"""Protocol of a training backend, and the types that it exchanges with the training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.dataset.case import Case
    from distdiag_core.metrics.frame import Array, Mask

# Histogram bins per column: the fewest that separate a shift of a metric from its noise; more cost time and memory and
# gain nothing.
BINS = 64


class Rows(Protocol):
    """S rows of F columns, of which only a part needs to be in memory at a time."""

    def __len__(self) -> int: ...

    def parts(self) -> Iterator[Array]:
        """All rows in order, in parts of shape (n, F)."""
        ...

    def select(self, chosen: Mask) -> Rows:
        """The rows where `chosen`, shape (S,), is true."""
        ...

    def at(self, places: NDArray[np.intp]) -> Array:
        """The rows at these indices, shape (len(places), F), in memory."""
        ...

    def with_more(self, more: Array) -> Rows:
        """These rows followed by others."""
        ...


class RowStore(Protocol):
    """Collector of rows that arrive in parts."""

    def add(self, rows: Array) -> None:
        """Append rows of shape (n, F)."""
        ...

    def rows(self) -> Rows:
        """All rows that were added."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Labels of S rows for one anomaly and their sample weights, both of shape (S,)."""

    labels: NDArray[np.bool_]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Boosting:
    """Boosting options.

    Attributes:
        parameters: those of XGBoost.
        rounds: the most boosting rounds.
        patience: rounds without gain on held-out rows after which boosting stops.
    """

    parameters: Mapping[str, Any]
    rounds: int
    patience: int


class BoosterTrainer(Protocol):
    """Trainer of boosters on one set of rows, binned once for all anomalies, with optional held-out rows."""

    def train(self, boosting: Boosting, targets: Targets, held_out: Targets | None) -> Booster:
        """A booster after all rounds, or that of the best round where there are held-out targets."""
        ...


class TrainingBackend(Protocol):
    """Storage of the rows of a training, and training of boosters from them."""

    @property
    def selection_values(self) -> int | None:
        """About how many metric values are held at once to select features; None for all."""
        ...

    def load(self, case: Case) -> Case:
        """The case with its values, for cases that are listed without them."""
        ...

    def row_store(self) -> RowStore:
        """An empty store."""
        ...

    def booster_trainer(self, rows: Rows, held_out: Rows | None) -> BoosterTrainer:
        """A trainer on these rows, which stops early on the held-out ones."""
        ...
