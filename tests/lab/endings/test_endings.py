"""However an injection ends, nothing of it is left on its node: no process, rule, parameter, index, session or file.

In the default run each anomaly meets one ending and each ending one anomaly at least; `pytest -m endings` tries all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.anomalies import catalogue
from tests.lab.endings.endings import ENDINGS

if TYPE_CHECKING:
    from tests.lab.endings.lanes import Outcome, Pair

pytestmark = [pytest.mark.lab]

ANOMALIES = [anomaly.name for anomaly in catalogue.load(places.shipped_config() / "anomalies").anomalies]
# The endings after these take the disk, the processes or the whole node away, which needs a lab that is not busy.
_IN_EVERY_RUN = list(ENDINGS)[: list(ENDINGS).index("console_hung_up") + 1]
_SOME = [(anomaly, _IN_EVERY_RUN[index % len(_IN_EVERY_RUN)]) for index, anomaly in enumerate(ANOMALIES)]
_ALL = [(anomaly, ending) for ending in ENDINGS for anomaly in ANOMALIES]


@pytest.mark.parametrize(("anomaly", "ending"), _SOME)
def test_nothing_is_left(outcomes: dict[Pair, Outcome], anomaly: str, ending: str) -> None:
    assert outcomes[anomaly, ending].left == ""


@pytest.mark.endings
@pytest.mark.parametrize(("anomaly", "ending"), _ALL)
def test_nothing_is_left_however_it_ends(outcomes: dict[Pair, Outcome], anomaly: str, ending: str) -> None:
    assert outcomes[anomaly, ending].left == ""
