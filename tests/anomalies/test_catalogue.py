"""The shipped catalogue is valid, and every problem of another one is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distdiag_core import places
from distdiag_core.anomalies import catalogue, payload
from distdiag_core.anomalies.injection import SEVERITIES
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
name: heat
label: Heat
what: It gets hot.
category: cpu
parameters:
  degrees: {least: 1, most: 90}
severities:
  low: {degrees: 10}
  medium: {degrees: 40}
  high: {degrees: 90}
methods:
  - name: oven
    setup: ["touch /tmp/{id}"]
    run: oven {degrees}
    check: ["true"]
    undo: ["rm /tmp/{id}"]
    gone: ["true"]
"""


def test_the_shipped_anomalies_have_three_severities() -> None:
    shipped = catalogue.load()
    names = {anomaly.name for anomaly in shipped.anomalies}
    assert names >= {"cpu_stress", "io_stress", "network_delay"}
    for anomaly in shipped.anomalies:
        assert set(anomaly.severities) == set(SEVERITIES)
        assert anomaly.label
        assert anomaly.what.endswith(".")
        assert anomaly.cuts_off == (anomaly.category == "network" or anomaly.off_by_default)


def test_an_unknown_anomaly_is_not_there() -> None:
    assert catalogue.load().get("earthquake") is None


def test_a_new_anomaly_is_an_entry(tmp_path: Path) -> None:
    anomaly = _load(tmp_path, GOOD).get("heat")
    assert anomaly is not None
    assert anomaly.methods[0].run == "oven {degrees}"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("high: {degrees: 90}", "high: {degrees: 91}", "must be a number from 1 to 90, not 91"),
        ("high: {degrees: 90}", "high: {degrees: hot}", "must be a number from 1 to 90, not 'hot'"),
        ("high: {degrees: 90}", "high: {}", "high: degrees: is missing"),
        ("high: {degrees: 90}", "high: {degrees: 9, x: 1}", "high: x: is no parameter"),
        ("  high: {degrees: 90}\n", "", "must be low, medium, high, not low, medium"),
        ("oven {degrees}", "oven {temperature}", "{temperature} is neither a parameter nor one of"),
        ("oven {degrees}", "oven '{degrees}'", "{degrees} stands inside quotes"),
        ('check: ["true"]', "check: []", "check: is empty"),
        ('undo: ["rm /tmp/{id}"]', "undo: []", "must be taken back by undo"),
        ("label: Heat", "labell: Heat", "labell: unknown key"),
        ("category: cpu", "category: weather", "category"),
    ],
)
def test_every_problem_is_reported(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD.replace(old, new))
    assert complaint in str(caught.value)
    assert "heat.yaml" in str(caught.value)


def test_a_file_is_named_after_its_anomaly(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"belongs into a file cold\.yaml"):
        _load(tmp_path, GOOD.replace("name: heat", "name: cold"))


def test_the_problems_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "cold.yaml").write_text("name: cold\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"(?s)cold\.yaml.*heat\.yaml"):
        _load(tmp_path, GOOD.replace("label: Heat", "labell: Heat"))


def test_a_directory_without_anomalies_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no anomalies"):
        catalogue.load(tmp_path)


def test_anomalies_of_the_user_are_added_to_the_shipped_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = _users_directory(tmp_path, monkeypatch)
    (own / "heat.yaml").write_text(GOOD, encoding="utf-8")
    names = {anomaly.name for anomaly in catalogue.load().anomalies}
    assert names > {"heat", "cpu_stress"}


def test_an_anomaly_of_the_user_does_not_replace_a_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = _users_directory(tmp_path, monkeypatch)
    (own / "cpu_stress.yaml").write_text(GOOD.replace("name: heat", "name: cpu_stress"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        catalogue.load()
    assert str(own / "cpu_stress.yaml") in str(caught.value)
    assert str(places.shipped_config() / "anomalies" / "cpu_stress.yaml") in str(caught.value)


def test_the_keys_of_the_previous_release_are_read_with_a_note(tmp_path: Path) -> None:
    old = GOOD.replace("methods:", "ways:").replace("    setup:", "    files: [packet_holder.py]\n    setup:")
    found = _load(tmp_path, old)
    new = _load(tmp_path, old.replace("ways:", "methods:"))
    assert found.anomalies == new.anomalies
    assert [note.removeprefix(f"{tmp_path / 'heat.yaml'}: ") for note in found.notes] == [
        "ways: is called methods now; the old key is not read by the next release",
        "files: packet_holder.py is called packet_delay.py now; the next release does not know the old name",
    ]
    assert payload.text_of("packet_holder.py") == payload.text_of("packet_delay.py")


def test_a_problem_under_an_old_key_names_the_key_and_line_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"heat\.yaml:14: ways\.0\.runn: unknown key"):
        _load(tmp_path, GOOD.replace("methods:", "ways:").replace("run: oven", "runn: oven"))


def test_a_shared_method_fills_in_what_a_method_does_not_give(tmp_path: Path) -> None:
    (tmp_path / "methods").mkdir()
    (tmp_path / "methods" / "oven.yaml").write_text("name: oven\nneeds: [oven]\ncheck: ['true']\n", encoding="utf-8")
    text = GOOD[: GOOD.index("methods:")] + "methods:\n  - {use: oven, run: 'oven {degrees}', check: ['hot']}\n"
    (method,) = _load(tmp_path, text).anomalies[0].methods
    assert (method.name, method.needs, method.run, method.check) == ("oven", ("oven",), "oven {degrees}", ("hot",))


def test_an_unknown_shared_method_is_an_error(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("methods:")] + "methods:\n  - {use: stove, run: 'true', check: ['true']}\n"
    with pytest.raises(ConfigError, match=r"heat\.yaml: use: no shared method is called 'stove'.*sql_client"):
        _load(tmp_path, text)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200) | st.integers(0, len(GOOD)).map(lambda cut: GOOD[:cut]))
def test_a_damaged_text_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    try:
        _load(tmp_path, text)
    except ConfigError as error:
        assert "heat.yaml" in str(error)  # noqa: PT017 - some damaged texts are still sound


def _users_directory(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(directory))
    places.anomalies_dir().mkdir(parents=True)
    return places.anomalies_dir()


def _load(directory: Path, text: str) -> catalogue.AnomalyCatalogue:
    (directory / "heat.yaml").write_text(text, encoding="utf-8")
    return catalogue.load(directory)
