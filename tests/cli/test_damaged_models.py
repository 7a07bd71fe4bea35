"""A damaged model: every verb names its file in one line, and the other models go on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

_CASES = str(Path(__file__).parent.parent / "diagnosis" / "lab_cases")


def _damaged_floor(index: dict[str, dict[str, list[float]]]) -> object:
    index["features"]["floors"][3] = float("nan")
    return index


@pytest.fixture(params=["null", "{", '{"version": 7}', "NaN floor", "nested"])
def odd(request: pytest.FixtureRequest, home: Path) -> Path:
    """The index of the model `odd` of the user's."""
    path = places.models_dir() / "odd"
    shutil.copytree(places.shipped_config() / "models" / "lab", path)
    index = path / "model.json"
    text = str(request.param)
    if text == "NaN floor":
        text = json.dumps(_damaged_floor(json.loads(index.read_text(encoding="utf-8"))))
    if text == "nested":
        text = "[" * 100_000
    index.write_text(text, encoding="utf-8")
    return index


@pytest.mark.parametrize(
    "arguments",
    [
        ("models", "show", "odd"),
        ("models", "compare", "lab", "odd", "--cases", _CASES),
        ("models", "use", "odd"),
        ("diagnose", "--model", "odd", "--cases", _CASES),
        ("evaluate", "--model", "odd", "--test", _CASES),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_needs_the_model_names_the_file_and_the_damage(
    odd: Path, distdiag: Callable[..., Ended], arguments: tuple[str, ...]
) -> None:
    ended = distdiag(*arguments)
    assert ended.status == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"distdiag: {odd}: is ")


def test_the_list_has_it_beside_the_others(odd: Path, distdiag: Callable[..., Ended]) -> None:
    listed = distdiag("models")
    assert listed.status == 0
    (line,) = [each for each in listed.stdout.splitlines() if " odd " in each]
    assert f"{odd.parent}: is " in line
    assert "cpu_stress" in next(each for each in listed.stdout.splitlines() if " lab " in each)
    facts = {each["name"]: each for each in json.loads(distdiag("models", "--json").stdout)["facts"]}
    assert facts["odd"]["damage"].startswith("is ")
    assert not facts["lab"]["damage"]


def test_it_is_renamed_copied_and_deleted_with_a_note(
    odd: Path, distdiag: Callable[..., Ended], tmp_path: Path
) -> None:
    for arguments in (("export", "odd", str(tmp_path / "out")), ("rename", "odd", "odder"), ("delete", "odder")):
        ended = distdiag("models", *arguments)
        assert ended.status == 0
        assert "note: it cannot be used: " in ended.stderr
    assert not odd.parent.exists()


@pytest.mark.parametrize("odd", ["{"], indirect=True)
def test_in_use_it_is_named_and_another_can_be_chosen(odd: Path, distdiag: Callable[..., Ended]) -> None:
    (places.config_dir() / "model").parent.mkdir(parents=True, exist_ok=True)
    (places.config_dir() / "model").write_text("odd\n", encoding="utf-8")
    # Without its model a diagnosis goes on: anomalies are found and not named.
    assert f"not named: {odd}: is " in distdiag("diagnose", "--cases", _CASES).stderr
    assert distdiag("models", "delete", "odd").status == 3
    assert distdiag("models", "use", "lab").status == 0
    assert distdiag("diagnose", "--cases", f"{_CASES}/normal-ro2-1").status == 0
