from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError
from distdiag_tui.actions.key_labels import key_label
from distdiag_tui.actions.keymap import clashes, user_keys
from distdiag_tui.actions.registry import ACTIONS, bindings
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.screens.help import help_lines
from distdiag_tui.views.node_wall import columns
from tests.tui.canned import CATALOGUE, calm, troubled
from tests.tui.conftest import until
from tests.tui.scripted_core import ScriptedCore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Console


def test_ids_are_unique_and_keys_do_not_clash_within_a_place() -> None:
    assert max(Counter(action.id for action in ACTIONS).values()) == 1
    assert list(clashes({})) == []


def test_whatever_makes_trouble_needs_to_write() -> None:
    assert all(action.needs_write for action in ACTIONS if action.dangerous)
    assert [action.id for action in ACTIONS if action.dangerous] == ["inject", "inject-again"]


def test_tmux_and_screen_keep_their_prefix_keys() -> None:
    assert not {key for action in ACTIONS for key in action.keys.split(",")} & {"ctrl+a", "ctrl+b"}


def test_bindings_carry_ids_so_that_they_can_be_remapped() -> None:
    assert {binding.id for binding in bindings("wall") if not isinstance(binding, tuple)} == {
        "metric-left",
        "metric-right",
        "fold",
        "fold-all",
    }


def test_help_lists_every_act_with_the_keys_that_hold() -> None:
    lines = ["".join(part for part, _ in line) for line in help_lines({"inject": "f5"}, 160)]
    for action in ACTIONS:
        assert any(action.id in line and action.title in line for line in lines), action.id
    assert any(line.strip().startswith("F5") for line in lines)


def test_that_an_action_asks_first_is_said_after_what_it_does() -> None:
    lines = ["".join(part for part, _ in line) for line in help_lines({}, 100)]
    at = next(place for place, line in enumerate(lines) if "inject-again" in line)
    assert "asks first" not in lines[at]
    assert lines[at + 1].split() == ["confirmed", "once", "more;", "asks", "first"]
    narrow = help_lines({}, 56)
    assert max(map(width_of, narrow)) <= 56
    said = " ".join("".join(part for part, _ in line) for line in narrow)
    assert len(re.findall(r"asks\s+first", said)) >= sum(action.dangerous for action in ACTIONS)


def test_help_mutes_what_cannot_be_done_now_and_says_why() -> None:
    lines = help_lines({}, 100, ("inject",), "a replay")
    said = ["".join(part for part, _ in line) for line in lines]
    assert "This is a replay: keys in grey do nothing here." in said[0]
    at = next(place for place, line in enumerate(said) if "Inject an anomaly" in line)
    assert {tone for _, tone in lines[at]} == {"muted"}
    # Below the keys of its group that do something.
    assert at > next(place for place, line in enumerate(said) if "Active injections" in line)


def test_keys_are_spoken_as_people_write_them() -> None:
    assert key_label("question_mark,f1") == "? F1"
    assert key_label("ctrl+x", first=True) == "^x"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "keymap.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_operators_own_keys(tmp_path: Path) -> None:
    assert user_keys(tmp_path / "absent.yaml") == {}
    assert user_keys(written(tmp_path, "inject: f5\nclear-all: f10, ctrl+k\n")) == {
        "inject": "f5",
        "clear-all": "f10, ctrl+k",
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("injcet: f5\n", "no action is called 'injcet'"),
        ("inject: ''\n", "no key is given for inject"),
        ("inject: w\n", "w is the key of both inject and workload"),
        ("inject: [f5]\n", "keymap.yaml:1: inject"),
        ("- inject\n", "the whole file: must be a section of keys and values, not a list"),
        ("inject: f5: f6\n", "not valid YAML"),
    ],
)
def test_a_wrong_keymap_is_one_clear_error(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint.replace("[", r"\[")):
        user_keys(written(tmp_path, text))


async def test_remapped_keys_act_and_the_old_ones_do_not(console: Console) -> None:
    app = console(troubled())
    app.set_keymap({"stop-workload": "f5"})
    core = app.current.core
    assert isinstance(core, ScriptedCore)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        await pilot.press("W", "f5")
        await until(pilot, lambda: core.log.names() == ["workloads.stop"])


def test_the_wall_has_its_six_columns() -> None:
    assert [column.heading for column in columns(CATALOGUE)] == ["cpu", "mem", "io", "net", "tps", "p95"]
    assert calm().catalogue is CATALOGUE


def test_an_id_of_the_last_release_is_read_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "keymap.yaml"
    path.write_text("relearn: f12\n", encoding="utf-8")
    notes: list[str] = []
    assert user_keys(path, notes.append) == {"reset-baseline": "f12"}
    assert notes == [f"{path}: relearn is called reset-baseline now"]
