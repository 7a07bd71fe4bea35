"""Charts of time series as SVG: the lines, the scale, and what is marked."""

from __future__ import annotations

from functools import partial
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from distdiag_core.metrics.figures import figure
from distdiag_core.svg.time_chart import Moment, Panel, Series, Stretch, svg

_SVG = "{http://www.w3.org/2000/svg}"
_PERCENT = partial(figure, unit="%")


def clock(time_s: float) -> str:
    return f"{time_s:.0f} s"


def drawn(*values: list[float], start_s: float = 0.0, **marks: object) -> ET.Element:
    """The parsed picture of one chart, whose first line is the strong one."""
    series = tuple(Series(f"n{at}", np.array(each, dtype=np.float32), strong=at == 0) for at, each in enumerate(values))
    times_s = start_s + np.arange(len(values[0]), dtype=np.float64)
    return ET.fromstring(svg("a title", times_s, (Panel("cpu", series, _PERCENT),), clock, **marks))  # type: ignore[arg-type]  # noqa: S314 - our own


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{_SVG}text")]


def lines(picture: ET.Element) -> list[list[tuple[float, float]]]:
    found = []
    for each in picture.iter(f"{_SVG}polyline"):
        pairs = [point.split(",") for point in each.attrib["points"].split()]
        found.append([(float(x), float(y)) for x, y in pairs])
    return found


def test_the_strong_line_is_drawn_last_over_the_others() -> None:
    picture = drawn([1, 2, 3], [4, 5, 6])
    widths = [float(each.attrib["stroke-width"]) for each in picture.iter(f"{_SVG}polyline")]
    assert widths == sorted(widths)
    assert len(set(widths)) == 2
    assert {"n0", "n1", "cpu", "a title"} <= set(texts(picture))


def test_a_line_is_broken_where_nothing_is_known() -> None:
    nan = float("nan")
    first, second, alone = lines(drawn([10, 20, nan, 40, 50, nan, 70]))
    assert len(first) == len(second) == 2
    # A value between unknown ones is still to be seen.
    assert alone == [alone[0], alone[0]]
    assert first[0][1] > first[1][1] > second[1][1]


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([20, 97], "0%", "100%"),
        # Rounding is no reason for an axis up to 200 %.
        ([20, 100.3], "0%", "100%"),
        ([78, 80], "78%", "80%"),
        ([0, 0], "0%", "1%"),
        ([float("nan"), float("nan")], "0%", "1%"),
    ],
)
def test_the_axis_has_round_figures_and_shows_small_changes(values: list[float], low: str, high: str) -> None:
    found = texts(drawn(values))
    assert {low, high} <= set(found), found


def test_stretches_and_moments_in_sight_are_marked_once() -> None:
    stretches = (Stretch(2, 5, "injected: <CPU>"), Stretch(90, 95, "later"))
    picture = drawn(list(range(11)), stretches=stretches, moments=(Moment(4, "onset"), Moment(-1, "before")))
    found = texts(picture)
    assert found.count("injected: <CPU>") == found.count("onset") == 1
    assert not {"later", "before"} & set(found)
    dashed = [each for each in picture.iter(f"{_SVG}line") if "stroke-dasharray" in each.attrib]
    assert len(dashed) == 1


def test_the_axis_of_time_has_round_times() -> None:
    times = [each for each in texts(drawn(list(range(100)), start_s=1003)) if each.endswith(" s")]
    assert times == ["1005 s", "1020 s", "1035 s", "1050 s", "1065 s", "1080 s", "1095 s"]


def test_a_long_line_keeps_its_extremes() -> None:
    values = np.zeros(100_000)
    values[41_234], values[77_777] = 100, -20
    (line,) = lines(drawn(values.tolist()))
    assert len(line) < 4000
    heights = [y for _, y in line]
    assert heights.count(min(heights)) == heights.count(max(heights)) == 1
