"""The calls that the advice on an anomaly names."""

from __future__ import annotations

import pytest

from distdiag_core import places
from distdiag_core.anomalies import advice_catalogue
from distdiag_core.errors import ConfigError
from distdiag_core.obdiag.call import Call, calls_of

ADVICE = advice_catalogue.load((places.shipped_config() / "advice",))


@pytest.mark.parametrize("anomaly", ADVICE)
def test_every_advice_that_ships_names_a_call(anomaly: str) -> None:
    assert calls_of(ADVICE[anomaly].obdiag)


def test_scenes_and_checks_are_found_and_what_only_collects_is_not() -> None:
    assert calls_of(ADVICE["lock_contention"].obdiag) == (
        Call("rca", "lock_conflict"),
        Call("check", "cluster.deadlocks;cluster.tenant_locks"),
    )


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("log_error", "`obdiag rca run --scene=disconnection`", "names another scene: 'disconnection'"),
        ("log_error", "`obdiag rca start --scene=log_error`", "`obdiag rca start` is not known"),
        ("disks", "`obdiag check run`", "is no list of tasks"),
    ],
)
def test_a_command_that_there_is_not_is_told(key: str, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        calls_of({key: text})


def test_a_text_without_a_command_is_only_a_text() -> None:
    assert calls_of({"ours": "ask the database team for their obdiag host"}) == ()
