from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.anomalies.injection import InjectionRequest, Plan, Step
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.views.injection_plan import plan_lines
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, NOW_S, calm

VIEW = ViewState(calm(), ANOMALIES, SETS["block"], NOW_S)
REQUEST = InjectionRequest("cpu_stress", ("n2",), "high", 60)


def shown(plan: Plan, width: int) -> str:
    return "\n".join("".join(part for part, _ in line) for line in plan_lines(VIEW, plan, width))


def test_nothing_of_the_plan_is_left_out() -> None:
    step = Step(
        "n2", "stress-ng", ("mkdir -p /run/x", "stress-ng --cpu 2"), ("rmdir /run/x",),
        lasts=True, check=("pgrep stress",), gone=("! pgrep stress",), files=("hold.py",),
    )  # fmt: skip
    text = shown(Plan(REQUEST, (step,), ("n2 has one already",)), 100)
    for part in ("send  hold.py", "run   mkdir", "hold  stress-ng", "check pgrep", "undo  rmdir", "gone? ! pgrep"):
        assert part in text
    assert "▲ n2 has one already" in text
    assert "until 09:31:00" in text


@given(
    st.text(st.characters(codec="ascii", exclude_categories=("C", "Zs")), min_size=1, max_size=300),
    st.integers(30, 120),
)
def test_a_long_command_is_wrapped_and_no_character_is_lost(command: str, width: int) -> None:
    lines = shown(Plan(REQUEST, (Step("n2", "way", (command,), ()),)), width).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("  run   "))
    assert "".join(line[8:] for line in lines[start:]) == command
    assert max(map(len, lines[start:])) <= width
