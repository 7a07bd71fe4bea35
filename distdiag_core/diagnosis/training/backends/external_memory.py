"""Training on more rows than memory holds, with the external memory of XGBoost."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.training.backends.disk_rows import DiskRowStore, disk_error
from distdiag_core.diagnosis.training.backends.memory import MatrixTrainer
from distdiag_core.diagnosis.training.backends.training_backend import BINS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xgboost import Booster, DMatrix

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.training_backend import Boosting, Rows, Targets

# 20 MB of values: medians of so many hardly change with more of the same.
_SELECTION_VALUES = 5_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ExternalMemoryBackend:
    """Backend that reads cases one at a time and keeps rows and bins in a directory.

    Attributes:
        directory: a scratch directory that outlives the training.
        read: reads the values of a case.
    """

    directory: Path
    read: Callable[[Case], Case]
    selection_values: int | None = _SELECTION_VALUES

    def load(self, case: Case) -> Case:
        """The case with its values, which are read."""
        return self.read(case)

    def row_store(self) -> DiskRowStore:
        """An empty store on the disk."""
        return DiskRowStore(self.directory)

    def booster_trainer(self, rows: Rows, held_out: Rows | None) -> DiskTrainer:
        """A trainer on bins in the directory.

        Raises:
            DataError: the disk failed.
        """
        matrix = _binned(self.directory, rows, None)
        held_out_matrix = None if held_out is None else _binned(self.directory, held_out, matrix)
        return DiskTrainer(MatrixTrainer(matrix, held_out_matrix), self.directory)


@dataclass(frozen=True, slots=True, eq=False)
class DiskTrainer:
    """Trainer of boosters on bins that are read from the disk in each round."""

    on_matrix: MatrixTrainer
    directory: Path

    def train(self, boosting: Boosting, targets: Targets, held_out: Targets | None) -> Booster:
        """A booster.

        Raises:
            DataError: the disk failed.
        """
        from xgboost.core import XGBoostError

        try:
            return self.on_matrix.train(boosting, targets, held_out)
        except XGBoostError as error:
            raise disk_error(error, self.directory) from error


def _binned(directory: Path, rows: Rows, reference: DMatrix | None) -> DMatrix:
    """A matrix whose bins lie in `directory` and are read when needed, with the bin bounds of `reference`."""
    import xgboost

    class Parts(xgboost.DataIter):
        """Iterator over the parts, which XGBoost runs through several times."""

        def reset(self) -> None:
            self._left = rows.parts()

        def next(self, input_data: Callable[..., None]) -> bool:
            part = next(self._left, None)
            if part is None:
                return False
            input_data(data=part)
            return True

    try:
        # XGBoost names its files by memory addresses, which are used again.
        prefix = tempfile.mkdtemp(prefix="bins-", dir=directory)
        parts = Parts(cache_prefix=f"{prefix}/part")
        return xgboost.ExtMemQuantileDMatrix(parts, max_bin=BINS, nthread=1, ref=reference)
    except (OSError, xgboost.core.XGBoostError) as error:
        raise disk_error(error, directory) from error
