"""Names of injections."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.anomalies.ids import new_id, number_of

MOMENTS = st.integers(min_value=1_735_689_600, max_value=1_735_689_600 + 30 * 365 * 86400)


@given(MOMENTS, MOMENTS)
def test_the_later_one_sorts_behind(one_s: int, other_s: int) -> None:
    one, other = new_id(one_s), new_id(other_s)
    assert len(one) == len(other) == 9
    if one_s != other_s:
        assert (one < other) == (one_s < other_s)


@given(MOMENTS)
def test_a_name_is_safe_to_type_and_to_use_in_a_path(now_s: int) -> None:
    name = new_id(now_s)
    assert name.isascii()
    assert name.isalnum()
    assert name == name.lower()
    assert not set(name) & set("ilou")


@given(st.text())
def test_the_kernels_number_has_four_digits(name: str) -> None:
    assert 1000 <= number_of(name) <= 9999
