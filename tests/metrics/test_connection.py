"""The states of connections in frames: answers, late, silent, refused, and nothing while one is being made."""

from __future__ import annotations

import asyncio
import math

import pytest

from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.errors import DataError, NotListeningError, SqlError, TimedOutError, UnreachableError
from distdiag_core.metrics import connection
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.figures import figure
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import Reading, metrics_of
from tests.metrics.virtual_time import run

_CATALOGUE = MetricCatalogue(
    (
        Metric("sysstat.level", "level", "1", "gauge", "transactions", "sysstat", "level"),
        Metric("slow.level", "level", "1", "gauge", "transactions", "slow", "level"),
        Metric("connection.sql", "sql connection", connection.UNIT, "gauge", "connection", connection.SOURCE, "sql"),
    )
)
_UP, _LATE, _SILENT, _REFUSED = range(4)
_NOT_LISTENING, _BROKEN = NotListeningError("refused"), UnreachableError("the connection broke")


class Source:
    """Its n-th answer takes so long, or is an error; after the last it answers at once."""

    def __init__(self, *answers: float | Exception, name: str = "sysstat") -> None:
        self.name = name
        self._answers = list(answers)

    async def read(self) -> Reading:
        answer = self._answers.pop(0) if self._answers else 0.01
        if isinstance(answer, Exception):
            raise answer
        await asyncio.sleep(answer)
        return Reading(asyncio.get_running_loop().time(), {"level": 1.0})

    async def close(self) -> None:
        """Nothing is held."""


async def _states(*sources: Source, ticks: int) -> list[float | None]:
    states: list[float | None] = []
    watched: dict[str, connection.Connection] = {"sysstat": "sql", "slow": "sql"}
    async with Sampler(_CATALOGUE, {"n1": sources}, connections=watched) as sampler:
        async for frame in sampler:
            state = frame.value("n1", "connection.sql")
            states.append(None if math.isnan(state) else state)
            if len(states) == ticks:
                break
    return states


@pytest.mark.parametrize(
    ("answers", "states"),
    [
        pytest.param((0.01, 0.01), [_UP, _UP, _UP], id="answers"),
        pytest.param((0.01, 1.5), [_UP, _LATE, _UP], id="late once"),
        pytest.param((*[0.9] * 6,), [None, *[_LATE] * 5], id="late always"),
        pytest.param((0.01, 4.5), [_UP, _LATE, _LATE, _SILENT, _SILENT, _UP], id="silent for a while"),
        # Given up after five seconds, and asked anew.
        pytest.param((0.01, 99, 99), [_UP, _LATE, _LATE, *[_SILENT] * 7], id="silent"),
        pytest.param((0.01, *[_BROKEN] * 6), [_UP, _LATE, _LATE, _LATE, *[_SILENT] * 3, _UP], id="cannot be reached"),
        pytest.param((0.01, _BROKEN, _NOT_LISTENING, _NOT_LISTENING), [_UP, _LATE, _REFUSED, _REFUSED, _UP], id="down"),
        pytest.param((0.01, _NOT_LISTENING, 99), [_UP, _REFUSED, _REFUSED, _REFUSED], id="starts again"),
        pytest.param((2.5,), [None, None, _UP], id="being connected"),
        pytest.param((99, 99), [None] * 9, id="never connected"),
        pytest.param((*[_BROKEN] * 5,), [*[None] * 5, _UP], id="never reached"),
        pytest.param((0.01, AccountRefusedError("access denied")), [_UP, None, _UP], id="account not accepted"),
        pytest.param((SqlError("no right"), DataError("nonsense")), [_UP, _UP, _UP], id="an error is an answer"),
        pytest.param((TimedOutError("no answer"), 0.01), [None, _UP], id="a first answer that took too long"),
    ],
)
def test_state_of_a_connection(answers: tuple[float | Exception, ...], states: list[float | None]) -> None:
    assert run(_states(Source(*answers), ticks=len(states))) == states


def test_a_connection_by_which_anything_answers_answers() -> None:
    both = Source(), Source(0.01, 99, name="slow")
    assert run(_states(*both, ticks=6)) == [_UP] * 6


@pytest.mark.parametrize(
    ("sources", "watched"),
    [(("host",), {connection.HOST}), (("sysstat",), {connection.SQL}), (("host", "sysstat"), connection.METRICS)],
)
def test_only_connections_of_sources_that_are_on_are_metrics(sources: tuple[str, ...], watched: set[str]) -> None:
    assert {name for name in metrics_of(sources).names if name.startswith("connection.")} == watched


@pytest.mark.parametrize(
    ("value", "word"), [(0.0, "answers"), (1.2, "late"), (2.0, "silent"), (3.0, "refused"), (math.nan, "-")]
)
def test_a_state_is_shown_as_a_word(value: float, word: str) -> None:
    assert figure(value, connection.UNIT) == word
