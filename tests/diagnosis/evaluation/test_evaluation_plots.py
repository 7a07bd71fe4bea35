"""Plots of an evaluation, read back as XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.evaluation import evaluation_plots

SVG = "{http://www.w3.org/2000/svg}"


def elements(svg: str, tag: str) -> list[dict[str, str]]:
    """Attributes of the elements with this tag."""
    return [each.attrib for each in ET.fromstring(svg).iter(f"{SVG}{tag}")]  # noqa: S314 - our own text


def texts(svg: str) -> list[str]:
    """All labels of a plot."""
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - our own text


def test_a_bar_is_as_long_as_its_value_and_a_missing_value_has_none() -> None:
    svg = evaluation_plots.bars("AC@1", {"ours": {"a": 1.0, "b": 0.25}, "the paper": {"a": None}})
    _background, _legend, _other_legend, first, second = elements(svg, "rect")
    assert (first["width"], second["width"]) == ("400.0", "100.0")
    assert float(second["y"]) > float(first["y"])
    assert texts(svg) == ["AC@1", "ours", "the paper", "a", "1.00", "b", "0.25"]


def test_names_are_escaped() -> None:
    assert texts(evaluation_plots.bars("<&>", {"s": {}}))[0] == "<&>"


def test_a_calibrated_bin_lies_on_the_diagonal() -> None:
    svg = evaluation_plots.reliability([{"confidence": 0.25, "right": 0.25, "weight": 1.0}])
    (line,), (dot,) = elements(svg, "line"), elements(svg, "circle")
    assert float(dot["cx"]) + float(dot["cy"]) == float(line["x1"]) + float(line["y1"])
    assert (dot["cx"], dot["r"]) == ("105.0", "15.0")


_shares = st.floats(0, 1)


@given(st.lists(st.fixed_dictionaries({"confidence": _shares, "right": _shares, "weight": _shares}), max_size=10))
def test_every_bin_is_a_circle_within_the_diagram(bins: list[dict[str, float]]) -> None:
    circles = elements(evaluation_plots.reliability(bins), "circle")
    assert len(circles) == len(bins)
    assert all(40 <= float(each[axis]) <= 300 for each in circles for axis in ("cx", "cy"))
