"""What a core without a cluster refuses, in words."""

from __future__ import annotations

import pytest

from distdiag_core.errors import RefusedError
from distdiag_core.runtime.refused_operations import Refusal, RefusedParameters, RefusedSessions

_REFUSE = Refusal("the replay of a recording")


async def test_a_replay_neither_lists_sessions_nor_ends_one() -> None:
    with pytest.raises(RefusedError, match="it does not hold the sessions of the databases"):
        await RefusedSessions(_REFUSE).listed("n1")
    with pytest.raises(RefusedError, match="no session can be ended"):
        await RefusedSessions(_REFUSE).kill("n1", 7)


async def test_a_replay_does_not_know_the_parameters_of_the_databases() -> None:
    with pytest.raises(RefusedError, match="it does not hold the parameters of the databases"):
        await RefusedParameters(_REFUSE).report()
