"""The account is what the system says, in whatever environment."""

from __future__ import annotations

import os
import pwd
import shlex
import sys

import pytest

from distdiag_core.cluster import operator
from distdiag_core.cluster.local import LocalShell


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "mallory")
    assert operator.account() == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.skipif(os.geteuid() != 0, reason="NEEDS ROOT")
async def test_a_number_without_a_name_is_the_number() -> None:
    text = "from distdiag_core.cluster import operator; import os; os.setuid(54321); print(operator.account())"
    result = await LocalShell("n1").run(shlex.join([sys.executable, "-c", text]))
    assert result.stdout == "54321\n"
