"""Random text has the distributions of clause 4.3.2."""

from __future__ import annotations

import string
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads.benchmarks.tpcc.tables.random_text import a_string, data, last_name, n_string, zip_code
from tests.workloads.benchmarks.tpcc.chi_square import fits

_ALPHABET = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "BARBARBAR"), (40, "BARPRESBAR"), (371, "PRICALLYOUGHT"), (865, "ATIONANTIESE"), (999, "EINGEINGEING")],
)
def test_last_names_are_made_of_syllables(number: int, name: str) -> None:
    assert last_name(number) == name


def test_every_number_has_its_own_last_name() -> None:
    names = {last_name(number) for number in range(1_000)}
    assert len(names) == 1_000
    assert max(map(len, names)) <= 16


@given(st.integers(), st.integers(1, 60), st.integers(0, 500))
def test_an_a_string_has_letters_and_digits_and_its_length(seed: int, shortest: int, more: int) -> None:
    text = a_string(Random(seed), shortest, shortest + more)
    assert shortest <= len(text) <= shortest + more
    assert set(text) <= set(_ALPHABET)


def test_all_characters_are_equally_likely() -> None:
    text = a_string(Random(2), 200_000, 200_000)
    observed = np.array([text.count(character) for character in _ALPHABET])
    assert fits(observed, np.full(len(_ALPHABET), 1 / len(_ALPHABET)))


@given(st.integers(), st.integers(1, 20))
def test_an_n_string_has_digits_alone(seed: int, length: int) -> None:
    text = n_string(Random(seed), length)
    assert len(text) == length
    assert text.isdecimal()


def test_a_zip_code_ends_with_ones() -> None:
    codes = {zip_code(Random(seed)) for seed in range(50)}
    assert len(codes) > 40
    assert all(len(code) == 9 and code.endswith("11111") and code.isdecimal() for code in codes)


def test_one_in_ten_data_is_original_at_any_place() -> None:
    random = Random(3)
    texts = [data(random) for _ in range(20_000)]
    places = [text.index("ORIGINAL") for text in texts if "ORIGINAL" in text]
    assert fits(np.array([len(places), len(texts) - len(places)]), np.array([0.1, 0.9]))
    assert min(places) == 0
    assert max(places) > 35
    assert all(26 <= len(text) <= 50 for text in texts)
