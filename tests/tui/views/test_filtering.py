"""The filter language: what holds, and what is said about a mistake."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_tui.views.filtering import Field, FilterError, parse


class _Node(NamedTuple):
    name: str
    zone: str
    cpu: float
    mem: float = 0.0
    time: float = 0.0
    p95: float = math.nan


_FIELDS = (
    Field[_Node]("node", lambda node: node.name),
    Field[_Node]("zone", lambda node: node.zone),
    Field[_Node]("cpu", lambda node: node.cpu, "%"),
    Field[_Node]("mem", lambda node: node.mem, "bytes"),
    Field[_Node]("time", lambda node: node.time, "s"),
    Field[_Node]("p95", lambda node: node.p95, "ms"),
)
_NODES = (
    _Node("n1", "z1", 20.0, 2e9, 5, 12.0),
    _Node("n2", "z1", 91.0, 3.1e9, 90, 1_500.0),
    _Node("n3", "z2", 80.0, 4e9, 7_200),
    _Node("big node", "z2", math.nan),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "n1 n2 n3 big"),
        ("  ", "n1 n2 n3 big"),
        ("n2", "n2"),
        ("Z1 N", "n1 n2"),
        ('"big no"', "big"),
        ("!z1", "n3 big"),
        ("zone:z1 cpu>80", "n2"),
        ("cpu>=80", "n2 n3"),
        ("cpu<80%", "n1"),
        ("!cpu>80", "n1 n3 big"),
        ("cpu!=80", "n1 n2"),
        ("zone=z", ""),
        ("zone:1,2 !node:n1,n3", "n2 big"),
        ("zone!=z1,z3", "n3 big"),
        ("mem>3G", "n3"),
        ("mem>2.8G", "n2 n3"),
        ("mem<=2GB mem>0", "n1"),
        ("time>1min", "n2 n3"),
        ("time>=2h", "n3"),
        ("p95>1s", "n2"),
        ("p95<100", "n1"),
        ("CPU>90", "n2"),
        ('node:"big node"', "big"),
    ],
)
def test_what_holds(text: str, shown: str) -> None:
    wanted = parse(text, _FIELDS)
    assert " ".join(node.name.partition(" ")[0] for node in _NODES if wanted.holds(node)) == shown


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("cpu>", 4, "a number is expected after cpu>"),
        ("zone:z1 cpu>high", 12, "a number is expected, not high"),
        ("zone:", 5, "a text is expected after zone:"),
        ("n1 cpo>80", 3, "nothing here is called cpo; is cpu meant?"),
        ("10.77.0.11:2881", 0, "nothing here is called 10.77.0.11; there are node, zone, cpu, mem, time, p95"),
        ("zone>3", 4, "zone is a text, and cannot be >: write zone:3"),
        ("cpu:80", 3, "cpu is a figure: write cpu>80 or cpu=80"),
        ('n1 "z', 3, "the quotation mark is not closed"),
        ('"a"b', 3, "a blank is expected here"),
        ("n1 !", 4, "a word or a comparison is expected after !"),
        ("mem>3X", 5, "no unit X here; there are bytes, k, M, G, T"),
        ("time>3G", 6, "no unit G here; there are ms, s, min, h, d"),
        ("=3", 0, "a name is expected before ="),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, position: int, said: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text, _FIELDS)
    assert raised.value.position == position
    assert str(raised.value) == f"character {position + 1}: {said}"


@given(st.text(alphabet='nz12 cpuzone:<>=!"%,', max_size=20))
def test_any_text_is_a_filter_or_a_mistake_within_it(text: str) -> None:
    right = text
    try:
        parse(text, _FIELDS)
    except FilterError as error:
        assert error.term <= error.position <= len(text)  # noqa: PT017 - not every text is a mistake
        right = text[: error.term]
    wanted = parse(right, _FIELDS)
    assert all(wanted.holds(node) in (True, False) for node in _NODES)
