"""What a node says about its leases, sound or damaged."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.anomalies.backends.ssh.lease_report import Lease, injection_of, parse
from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.errors import DataError
from tests.mutations import MISSING, ODD_VALUES

REPORT = """\
id=1abcdefgh
anomaly=cpu_stress
severity=low
node=n2
owner=ann@desk
way=stress-ng
age_s=12
remaining_s=48
supervised=yes

uptime_s=4711
.
"""
LEASE = Lease("1abcdefgh", "cpu_stress", "low", "n2", "ann@desk", "stress-ng", 12, 48, supervised=True)


def test_a_report_is_read() -> None:
    assert parse(REPORT, "n2") == ([(LEASE,)], 4711)
    assert parse(REPORT + ".\n", "n2") == ([(LEASE,), ()], 4711)
    assert parse(".\n", "n2") == ([()], None)


def test_a_lease_that_says_little_is_still_found() -> None:
    damaged = "id=1abcdefgh\nage_s=0\nremaining_s=0\nsupervised=no\n\n.\n"
    injection = injection_of(parse(damaged, "n2")[0][0][0], "n2", 1000.0)
    assert injection.id == "1abcdefgh"
    assert injection.state is InjectionState.ORPHANED
    assert injection.anomaly == "unknown"


@pytest.mark.parametrize("cut", range(0, len(REPORT) - 2, 7))
def test_half_an_answer_is_never_taken_for_a_whole_one(cut: int) -> None:
    with pytest.raises(DataError, match="n2: leases"):
        parse(REPORT[:cut], "n2")


@given(st.text(max_size=200))
def test_anything_else_is_a_data_error(output: str) -> None:
    try:
        lists, _ = parse(output, "n2")
    except DataError as error:
        assert "n2" in str(error)  # noqa: PT017 - some texts are answers
    else:
        assert lists


@pytest.mark.parametrize(
    ("lease", "state", "detail"),
    [
        (LEASE, InjectionState.ACTIVE, "by stress-ng"),
        (replace(LEASE, supervised=False, arming=True), InjectionState.ARMING, "nothing has begun yet"),
        # Its duration is not written yet.
        (replace(LEASE, supervised=False, arming=True, remaining_s=0), InjectionState.ARMING, "nothing has begun yet"),
        (replace(LEASE, remaining_s=0), InjectionState.CLEARING, ""),
        # The database of a node that was down is being started.
        (replace(LEASE, remaining_s=-23), InjectionState.CLEARING, ""),
        (replace(LEASE, remaining_s=-46), InjectionState.ORPHANED, "its deadline passed 46 s ago"),
        (replace(LEASE, supervised=False), InjectionState.ORPHANED, "its supervisor is gone, so that nothing ends it"),
        (replace(LEASE, failure="stuck"), InjectionState.ORPHANED, "stuck"),
    ],
)
def test_states(lease: Lease, state: InjectionState, detail: str) -> None:
    injection = injection_of(lease, "n2", 1000.0)
    assert (injection.state, injection.detail) == (state, detail)
    assert injection.started_s == 988.0
    assert injection.deadline_s == 1000.0 + lease.remaining_s


@pytest.mark.parametrize("key", [line.partition("=")[0] for line in REPORT.splitlines() if "=" in line])
def test_any_value_of_any_field_is_a_lease_or_refused_with_its_node(key: str) -> None:
    sound = f"{key}={dict(line.split('=') for line in REPORT.splitlines() if '=' in line)[key]}\n"
    for value in ODD_VALUES:
        fresh = "" if value is MISSING else f"{key}={value}\n"
        try:
            lists, _ = parse(REPORT.replace(sound, fresh), "n2")
        except DataError as error:
            assert "n2" in str(error), value  # noqa: PT017 - many of them are refused
            continue
        for lease in lists[0]:
            injection = injection_of(lease, "n2", 1000.0)
            assert math.isfinite(injection.deadline_s), (key, value)
            assert injection.id == lease.id
