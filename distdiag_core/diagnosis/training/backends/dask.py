"""Learning on the workers of a Dask cluster, by XGBoost's own way to it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from distdiag_core.diagnosis.training.backends.memory import BINS
from distdiag_core.errors import ConfigError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from distributed import Client
    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.diagnosis.training.backends.memory import Boosting, Lesson, Teach
    from distdiag_core.diagnosis.training.row_store import Rows

_CONNECT_S = 10
_WORKERS_S = 30


@contextmanager
def connected(address: str) -> Iterator[Teach]:
    """Learning on the cluster whose scheduler is at `address`, HOST:PORT, while the body lasts.

    Raises:
        ConfigError: the address is malformed, or the extra `dask` is not installed.
        UnreachableError: there is no scheduler, it has no workers, or they were lost.
    """
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdecimal()):
        raise ConfigError(f"{address!r} is no address of a Dask scheduler", hint="give it as HOST:PORT")
    try:
        import distributed
        import xgboost.dask  # noqa: F401 - missing parts are to be told before the cases are read
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
                hint="start `dask scheduler` and `dask worker`, or name another with --on",
            ) from error
        try:
            yield partial(OnDask, client)
        except (
            distributed.KilledWorker,
            distributed.comm.CommClosedError,
            distributed.client.FutureCancelledError,
        ) as error:
            raise UnreachableError(
                f"the Dask cluster was lost while it learned: {error}",
                where=address,
                hint="see the logs of its workers, they may have too little memory",
            ) from error


class OnDask:
    """Boosters learned by the workers, each from a share of the rows."""

    def __init__(self, client: Client, rows: Rows, held_out: Rows | None) -> None:
        self._client = client
        self._rows = _Sent.to(client, rows)
        self._judge = None if held_out is None else _Sent.to(client, held_out)

    def learn(self, boosting: Boosting, lesson: Lesson, judged_by: Lesson | None) -> Booster:
        """A booster of all shares; which rows a tree sees depends on how they are shared out."""
        import xgboost.dask

        # Each worker uses as many threads as it was given.
        parameters = {name: value for name, value in boosting.parameters.items() if name != "nthread"}
        matrix = self._matrix(self._rows, lesson)
        judged: dict[str, Any] = {}
        if self._judge is not None and judged_by is not None:
            judge = self._matrix(self._judge, judged_by, ref=matrix)
            judged = {"evals": [(judge, "held_out")], "early_stopping_rounds": boosting.patience}
        made = xgboost.dask.train(
            self._client, parameters, matrix, num_boost_round=boosting.rounds, verbose_eval=False, **judged
        )
        booster: Booster = made["booster"]
        return booster[: booster.best_iteration + 1] if judged else booster

    def _matrix(self, sent: _Sent, lesson: Lesson, **like: Any) -> Any:  # noqa: ANN401 - a type of xgboost.dask
        import xgboost.dask

        return xgboost.dask.DaskQuantileDMatrix(
            self._client,
            sent.rows,
            sent.beside(lesson.answers),
            weight=sent.beside(lesson.weights),
            max_bin=BINS,
            **like,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Sent:
    """Rows that lie with the workers, as a Dask array of shape (S, F)."""

    rows: Any

    @classmethod
    def to(cls, client: Client, rows: Rows) -> _Sent:
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

    def beside(self, values: NDArray[np.generic]) -> Any:  # noqa: ANN401 - Dask has no types
        """Values of shape (S,), parted like the rows."""
        import dask.array

        return dask.array.from_array(values, chunks=(self.rows.chunks[0],))
