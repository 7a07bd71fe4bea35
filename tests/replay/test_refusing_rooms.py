"""What a replay refuses, in words."""

from __future__ import annotations

import pytest

from distdiag_core.errors import RefusedError
from distdiag_core.replay.refusing_rooms import RecordedSessions


async def test_a_replay_neither_lists_sessions_nor_ends_one() -> None:
    with pytest.raises(RefusedError, match="it does not hold the sessions of the databases"):
        await RecordedSessions().listed("n1")
    with pytest.raises(RefusedError, match="no session can be ended"):
        await RecordedSessions().kill("n1", 7)
