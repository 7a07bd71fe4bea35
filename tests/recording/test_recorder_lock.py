"""One recorder of a cluster at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from distdiag_core.errors import RefusedError
from distdiag_core.recording import recorder_lock


def test_a_second_one_is_refused_and_told_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert recorder_lock.running("shop") is None
    with recorder_lock.locked("shop", Path("/x/shop.sqlite")):
        with (
            pytest.raises(RefusedError, match=rf"/x/shop.sqlite: .*process {os.getpid()}"),
            recorder_lock.locked("shop", Path("/y")),
        ):
            raise AssertionError("two recorders")
        running = recorder_lock.running("shop")
        assert running is not None
        assert (running.pid, running.recording) == (os.getpid(), "/x/shop.sqlite")
        with recorder_lock.locked("other", Path("/z")):
            pass
    assert recorder_lock.running("shop") is None
