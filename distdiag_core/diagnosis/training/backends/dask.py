"""Training on the workers of a Dask cluster."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core.diagnosis.training.backends.training_backend import BINS
from distdiag_core.errors import ConfigError, UnreachableError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from distributed import Client
    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.training_backend import (
        Boosting,
        Rows,
        RowStore,
        Targets,
        TrainingBackend,
    )

_CONNECT_S = 10
_WORKERS_S = 30


@dataclass(frozen=True, slots=True, eq=False)
class DaskBackend:
    """Backend whose boosters are trained by the workers of a Dask cluster; another backend stores the rows here."""

    client: Client
    storage: TrainingBackend

    @property
    def selection_values(self) -> int | None:
        """As of the storage."""
        return self.storage.selection_values

    def load(self, case: Case) -> Case:
        """The case as the storage loads it."""
        return self.storage.load(case)

    def row_store(self) -> RowStore:
        """A store of the storage."""
        return self.storage.row_store()

    def booster_trainer(self, rows: Rows, held_out: Rows | None) -> DaskTrainer:
        """A trainer on rows that are sent to the workers."""
        return DaskTrainer(self.client, rows, held_out)


@contextmanager
def connect(address: str, storage: TrainingBackend) -> Iterator[DaskBackend]:
    """Connection to the scheduler at `address`, HOST:PORT, for as long as the context lasts.

    Raises:
        ConfigError: the address is malformed, or the extra `dask` is not installed.
        UnreachableError: there is no scheduler, it has no workers, or they were lost.
    """
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdecimal()):
        raise ConfigError(f"{quoted(address)} is no address of a Dask scheduler", hint="give it as HOST:PORT")
    try:
        import distributed
        import xgboost.dask  # noqa: F401 - a missing package must be reported before the cases are read
    except ImportError as error:
        hint = "pip install 'distdiag[dask]'"
        raise ConfigError(f"training on Dask needs a package that is missing: {error.name}", hint=hint) from error
    with ExitStack() as ends:
        try:
            client = distributed.Client(f"tcp://{address}", timeout=_CONNECT_S)
            ends.enter_context(client)
            client.wait_for_workers(1, timeout=_WORKERS_S)
        except (OSError, TimeoutError) as error:
            raise UnreachableError(
                f"no Dask scheduler with workers answers: {error}",
                where=address,
                hint="start `dask scheduler` and `dask worker`, or name another with --dask",
            ) from error
        try:
            yield DaskBackend(client, storage)
        except (
            distributed.KilledWorker,
            distributed.comm.CommClosedError,
            distributed.client.FutureCancelledError,
        ) as error:
            raise UnreachableError(
                f"the Dask cluster was lost during the training: {error}",
                where=address,
                hint="see the logs of its workers, they may have too little memory",
            ) from error


class DaskTrainer:
    """Trainer of boosters on the workers, each with a share of the rows."""

    def __init__(self, client: Client, rows: Rows, held_out: Rows | None) -> None:
        self._client = client
        self._rows = _DistributedRows.send(client, rows)
        self._held_out = None if held_out is None else _DistributedRows.send(client, held_out)

    def train(self, boosting: Boosting, targets: Targets, held_out: Targets | None) -> Booster:
        """A booster of all shares; which rows a tree sees depends on how they are distributed."""
        import xgboost.dask

        # Each worker uses as many threads as it was given.
        parameters = {name: value for name, value in boosting.parameters.items() if name != "nthread"}
        matrix = self._matrix(self._rows, targets)
        stopping: dict[str, Any] = {}
        if self._held_out is not None and held_out is not None:
            held_out_matrix = self._matrix(self._held_out, held_out, ref=matrix)
            stopping = {"evals": [(held_out_matrix, "held_out")], "early_stopping_rounds": boosting.patience}
        result = xgboost.dask.train(
            self._client, parameters, matrix, num_boost_round=boosting.rounds, verbose_eval=False, **stopping
        )
        booster: Booster = result["booster"]
        return booster[: booster.best_iteration + 1] if stopping else booster

    def _matrix(self, rows: _DistributedRows, targets: Targets, **like: Any) -> Any:  # noqa: ANN401 - no types
        import xgboost.dask

        return xgboost.dask.DaskQuantileDMatrix(
            self._client,
            rows.array,
            rows.aligned(targets.labels),
            weight=rows.aligned(targets.weights),
            max_bin=BINS,
            **like,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _DistributedRows:
    """Rows in the memory of the workers, as a Dask array of shape (S, F)."""

    array: Any

    @classmethod
    def send(cls, client: Client, rows: Rows) -> _DistributedRows:
        """Send rows, a part at a time, so that no more than one is held here."""
        import dask.array
        from dask.delayed import delayed

        workers = len(client.scheduler_info()["workers"])
        sent = []
        for part in rows.parts():
            # One part must still give every worker something to do.
            step = max(1, -(-len(part) // workers))
            for start in range(0, len(part), step):
                piece = part[start : start + step]
                future = client.scatter(piece, hash=False)
                sent.append(dask.array.from_delayed(delayed(future), piece.shape, piece.dtype))
        return cls(dask.array.concatenate(sent))

    def aligned(self, values: NDArray[np.generic]) -> Any:  # noqa: ANN401 - Dask has no types
        """Values of shape (S,) in the chunks of the rows."""
        import dask.array

        return dask.array.from_array(values, chunks=(self.array.chunks[0],))
