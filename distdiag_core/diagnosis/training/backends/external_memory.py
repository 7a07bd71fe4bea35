"""Learning from more rows than memory holds, by XGBoost's external memory."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.training.backends.backend import Means
from distdiag_core.diagnosis.training.backends.disk_rows import SpillingStore, disk_error
from distdiag_core.diagnosis.training.backends.memory import BINS, InProcess

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xgboost import Booster, DMatrix

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.memory import Boosting, Lesson
    from distdiag_core.diagnosis.training.row_store import Rows

# 20 MB of figures: medians of so many hardly change with more of the same.
_FIGURES = 5_000_000


def means(directory: Path, whole: Callable[[Case], Case]) -> Means:
    """To learn from cases that are read one at a time by `whole`; all else that is large is in `directory`."""
    return Means(whole, _FIGURES, partial(SpillingStore, directory), partial(_teach, directory))


@dataclass(frozen=True, slots=True, eq=False)
class _FromDisk:
    """Learns from bins that are read again and again."""

    taught: InProcess
    directory: Path

    def learn(self, boosting: Boosting, lesson: Lesson, judged_by: Lesson | None) -> Booster:
        """A booster.

        Raises:
            DataError: the disk refused.
        """
        from xgboost.core import XGBoostError

        try:
            return self.taught.learn(boosting, lesson, judged_by)
        except XGBoostError as error:
            raise disk_error(error, self.directory) from error


def _teach(directory: Path, rows: Rows, held_out: Rows | None) -> _FromDisk:
    matrix = _binned(directory, rows, None)
    judge = None if held_out is None else _binned(directory, held_out, matrix)
    return _FromDisk(InProcess(matrix, judge), directory)


def _binned(directory: Path, rows: Rows, like: DMatrix | None) -> DMatrix:
    """A matrix whose bins lie in `directory` and are read as they are needed; `like` gives it their bounds."""
    import xgboost

    class Parts(xgboost.DataIter):
        """What XGBoost asks for the parts, several times over."""

        def reset(self) -> None:
            self._left = rows.parts()

        def next(self, input_data: Callable[..., None]) -> bool:
            part = next(self._left, None)
            if part is None:
                return False
            input_data(data=part)
            return True

    try:
        # XGBoost names its files by addresses in memory, which come again.
        prefix = tempfile.mkdtemp(prefix="bins-", dir=directory)
        parts = Parts(cache_prefix=f"{prefix}/part")
        return xgboost.ExtMemQuantileDMatrix(parts, max_bin=BINS, nthread=1, ref=like)
    except (OSError, xgboost.core.XGBoostError) as error:
        raise disk_error(error, directory) from error
