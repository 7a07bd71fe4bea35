"""From collecting to a model in use, by keys alone: real cases, a real training, real model directories."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Input

from distdiag_core import places
from distdiag_core.campaign import campaign
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.models import model_registry
from distdiag_tui.screens.advice import AdviceScreen
from distdiag_tui.screens.entry_dialog import EntryDialog
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.screens.model_comparison import ModelComparisonScreen
from distdiag_tui.screens.question import Question
from distdiag_tui.screens.training import ProgressPanel
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import calm, collecting
from tests.tui.conftest import until
from tests.tui.scripted_core import Call
from tests.tui.walking import app_of, core_of, notifications, text

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from distdiag_core.runtime.snapshot import Snapshot
    from tests.tui.conftest import Running

_LAB_CASES = Path(__file__).parents[1] / "diagnosis" / "lab_cases"
# A training takes a few seconds, and some times that on a busy machine.
_TRAINED_WITHIN_S = 100.0


@pytest.fixture
def dataset() -> Path:
    """The cases of the lab as the dataset of this machine."""
    return Path(shutil.copytree(_LAB_CASES, places.cases_dir()))


def with_collecting(snapshot: Snapshot, **changes: object) -> Snapshot:
    assert snapshot.collecting is not None
    return replace(
        snapshot,
        tick=snapshot.tick + 1,
        collecting=replace(snapshot.collecting, **changes),  # type: ignore[arg-type]
    )


def own_model(name: str) -> Path:
    path = Path(shutil.copytree(model_registry.find(model_registry.DEFAULT), places.models_dir() / name))
    index = json.loads((path / "model.json").read_text(encoding="utf-8"))
    (path / "model.json").write_text(json.dumps(index | {"name": name}), encoding="utf-8")
    return path


def keep_only(path: Path) -> None:
    for each in path.parent.iterdir():
        if each != path:
            shutil.rmtree(each)


def labels_on_file(dataset: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in dataset.glob("*/case.yaml")}


async def type_into(pilot: Pilot[None], field: str, value: str) -> None:
    pilot.app.screen.query_one(f"{field} Input", Input).focus()
    await pilot.press("home", "shift+end", *(value or ["delete"]))


async def answer(pilot: Pilot[None], key: str, field: str, value: str) -> None:
    """Open an entry by its key, type into one of its fields, and confirm."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, EntryDialog))
    await type_into(pilot, field, value)
    await pilot.press("ctrl+s")


async def test_both_kinds_of_collecting_are_a_key_away(running: Running) -> None:
    async with running(collecting()) as pilot:
        await pilot.press("n", "o")
        await until(pilot, lambda: len(core_of(pilot).log.calls) == 2)
        assert core_of(pilot).log.calls == [
            Call("dataset.collect_normal", argument=False),
            Call("dataset.collect_anomalies", argument=False),
        ]
        await pilot.press("d", "n")
        await until(pilot, lambda: len(core_of(pilot).log.calls) == 3)
        off = collecting()
        assert off.collecting is not None
        core_of(pilot).publish(with_collecting(off, anomalies=False))
        await until(pilot, lambda: "anomaly cases off" in text(pilot.app.screen.query_one("#glance", Panel).lines))
        await pilot.press("o")
        await until(pilot, lambda: core_of(pilot).log.calls[-1] == Call("dataset.collect_anomalies", argument=True))


async def test_nothing_is_collected_where_it_cannot_be(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("n", "o")
        await until(pilot, lambda: sum("nothing can be collected" in line for line in notifications(pilot)) == 2)
        assert core_of(pilot).log.calls == []


async def test_the_cases_are_listed_with_their_labels(running: Running, dataset: Path) -> None:
    async with running(collecting()) as pilot:
        await pilot.press("d")
        list_view, whole = pilot.app.screen.query_one(ListView), pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: len(list_view.lines) == 6)
        assert "normal-ro2-1" in text(list_view.lines[:1])
        await until(pilot, lambda: "normal all through" in text(whole.lines))
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: "CPU stress high on n2, from 23 s to 43 s" in text(whole.lines))
        shutil.rmtree(dataset / "normal-ro2-1")
        known = collecting()
        assert known.collecting is not None
        core_of(pilot).publish(with_collecting(known, finished_cases=3))
        await until(pilot, lambda: len(list_view.lines) == 5)


async def test_a_damaged_case_is_said_and_hides_no_other(running: Running, dataset: Path) -> None:
    (dataset / "normal-ro2-1" / "case.yaml").write_text("period: often\n", encoding="utf-8")
    async with running(collecting()) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: any("normal-ro2-1" in line and "period" in line for line in notifications(pilot)))
        assert len(pilot.app.screen.query_one(ListView).lines) == 5


async def test_a_case_is_relabelled_cut_tagged_and_dropped(running: Running, dataset: Path) -> None:
    path = dataset / "cpu_stress-n2-high-rw3-1"
    keep_only(path)
    whole = case_directory.read(path)
    async with running(collecting()) as pilot:
        await pilot.press("d")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "CPU stress on n2" in text(list_view.lines))
        await answer(pilot, "e", "#labels", "cpu_stress@n2 23-43, io_stress@n1 30-40")
        await until(pilot, lambda: "I/O stress on n1" in text(list_view.lines))
        first, second = case_directory.read(path).labels
        assert first == whole.labels[0]
        assert second.end_s - second.start_s == 10
        await answer(pilot, "t", "#tags", "mine, odd")
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "tags mine, odd" in text(pane.lines))
        await answer(pilot, "x", "#to", "45")
        await until(pilot, lambda: "00:45" in text(list_view.lines))
        assert case_directory.read(path).window.times_s[-1] - whole.window.times_s[0] <= 45
        await pilot.press("delete", "tab", "enter")
        await until(pilot, lambda: "no case yet" in text(list_view.lines))
        assert not path.exists()


async def test_a_label_that_is_none_changes_nothing(running: Running, dataset: Path) -> None:
    before = labels_on_file(dataset)
    async with running(collecting()) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: len(pilot.app.screen.query_one(ListView).lines) == 6)
        await answer(pilot, "e", "#labels", "cpu_stress")
        await until(pilot, lambda: any("'cpu_stress' is no label" in line for line in notifications(pilot)))
        await answer(pilot, "e", "#labels", "cpu_stress@n9 1-2")
        await until(pilot, lambda: any("labels node n9" in line for line in notifications(pilot)))
        assert labels_on_file(dataset) == before


async def test_what_is_thin_is_advised_as_a_campaign(running: Running, dataset: Path, tmp_path: Path) -> None:
    assert len(case_directory.directories(dataset)) == 6
    async with running(collecting()) as pilot:
        await pilot.press("d", "a")
        await until(pilot, lambda: isinstance(pilot.app.screen, AdviceScreen))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "cpu_stress on n1: 0 of 3 cases" in text(pane.lines))
        await answer(pilot, "s", "#path", str(tmp_path / "next.yaml"))
        await until(pilot, lambda: any("distdiag campaign run" in line for line in notifications(pilot)))
        assert campaign.load(tmp_path / "next.yaml").name == "advised"


async def test_what_is_held_back_is_listed_and_called_off(running: Running) -> None:
    async with running(collecting()) as pilot:
        core_of(pilot).runtime.injections.hold_inject = asyncio.Event()
        for keys in (("space",), ("down", "space")):
            await pilot.press("i", "tab", *keys)
            await until(pilot, lambda: not pilot.app.screen.query_one("#inject", Button).disabled)
            await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.inject", "injections.inject"])
        await pilot.press("a")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "waiting for baseline, 00:42" in text(list_view.lines))
        assert "CPU stress on n2" in text(list_view.lines)
        assert "▶before 18/60 s" in text(pilot.app.screen.query_one(TextPane).lines)
        await pilot.press("c")
        await until(pilot, lambda: sum("called off" in line for line in notifications(pilot)) == 2)


async def test_a_model_is_trained_used_and_named_in_the_title(running: Running, dataset: Path) -> None:
    for name in ("network_delay-n1-medium-rw3-1", "network_delay-n3-medium-wo2-1"):
        shutil.rmtree(dataset / name)
    async with running(collecting()) as pilot:
        await pilot.press("t")
        await type_into(pilot, "#rounds", "2")
        await pilot.press("tab", "tab", "right", "ctrl+s")
        await until(pilot, lambda: app_of(pilot).training is not None)
        panel = pilot.app.screen.query_one(ProgressPanel)
        await until(pilot, lambda: "I/O stress" in text(panel.lines), within_s=_TRAINED_WITHIN_S)
        await until(
            pilot,
            lambda: any("mine is trained on 4 cases" in line for line in notifications(pilot)),
            within_s=_TRAINED_WITHIN_S,
        )
        assert "not evaluated" in text(panel.lines)
        assert model_registry.find("mine").is_dir()
        await pilot.press("f7")
        await until(pilot, lambda: any("mine diagnoses from now on" in line for line in notifications(pilot)))
        assert model_registry.chosen() == "mine"
        await pilot.press("escape")
        title = pilot.app.screen.query_one("#title", Panel)
        await until(pilot, lambda: "model mine" in text(title.lines))


async def test_a_training_that_is_cancelled_leaves_no_model(running: Running, dataset: Path) -> None:
    async with running(collecting()) as pilot:
        await pilot.press("t")
        await type_into(pilot, "#rounds", "500")
        await pilot.press("ctrl+s")
        stop = pilot.app.screen.query_one("#stop", Button)
        await until(pilot, lambda: not stop.disabled)
        await pilot.press("f8")
        panel = pilot.app.screen.query_one(ProgressPanel)
        await until(
            pilot,
            lambda: "it was cancelled, and nothing of it is kept" in text(panel.lines),
            within_s=_TRAINED_WITHIN_S,
        )
        assert "mine" not in model_registry.directories()
        await pilot.press("f8")
        await until(pilot, lambda: any("nothing is being trained" in line for line in notifications(pilot)))


async def test_a_training_that_makes_no_sense_says_why(running: Running) -> None:
    async with running(collecting()) as pilot:
        await pilot.press("t")
        for field, value, complaint in (
            ("#rounds", "many", "Rounds: many is no whole number"),
            ("#rounds", "0", "0 rounds teach nothing"),
            ("#name", "a/b", "no name for a model"),
        ):
            await type_into(pilot, field, value)
            await pilot.press("ctrl+s")
            await until(pilot, lambda complaint=complaint: any(complaint in line for line in notifications(pilot)))  # type: ignore[misc]
            await type_into(pilot, field, {"#rounds": "20", "#name": "mine"}[field])
        await pilot.press("ctrl+s")
        panel = pilot.app.screen.query_one(ProgressPanel)
        await until(pilot, lambda: "there are no cases" in text(panel.lines), within_s=_TRAINED_WITHIN_S)


async def test_another_model_is_put_to_use(running: Running) -> None:
    own_model("older")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(list_view.lines) == 2)
        await pilot.press("down", "u")
        await until(pilot, lambda: "diagnoses now" in text(list_view.lines[1:]), within_s=_TRAINED_WITHIN_S)
        assert core_of(pilot).log.calls == [Call("models.use", "older")]
        assert model_registry.chosen() == "older"


async def test_two_models_are_compared_on_the_same_cases(running: Running, dataset: Path) -> None:
    for each in ("network_delay-n1-medium-rw3-1", "io_stress-n1-medium-rw3-1", "network_delay-n3-medium-wo2-1"):
        shutil.rmtree(dataset / each)
    own_model("older")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(list_view.lines) == 2)
        await pilot.press("c")
        await until(pilot, lambda: any("mark two models first" in line for line in notifications(pilot)))
        await pilot.press("space", "down", "space")
        await answer(pilot, "c", "#cases", "")
        await until(pilot, lambda: isinstance(pilot.app.screen, ModelComparisonScreen))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "AC@1 by category" in text(pane.lines), within_s=_TRAINED_WITHIN_S)
        said = text(pane.lines)
        assert "judged on 3 cases" in said
        assert "F1 by anomaly" in said
        (ac1,) = [line.split() for line in said.splitlines() if line.split()[:1] == ["AC@1"] and "by" not in line]
        assert ac1 == ["AC@1", "1.00", "1.00"]


async def test_what_models_are_compared_on_must_be_there(running: Running) -> None:
    own_model("older")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(list_view.lines) == 2)
        await pilot.press("space", "down", "space")
        await answer(pilot, "c", "#cases", "absent")
        await until(pilot, lambda: isinstance(pilot.app.screen, ModelComparisonScreen))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "there are no cases" in text(pane.lines), within_s=_TRAINED_WITHIN_S)


async def test_a_damaged_model_is_listed_as_one(running: Running) -> None:
    (own_model("broken") / "model.json").write_text("{", encoding="utf-8")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "cannot be read" in text(list_view.lines))
        await pilot.press("u")
        await until(
            pilot, lambda: any("using broken" in line for line in notifications(pilot)), within_s=_TRAINED_WITHIN_S
        )


async def test_what_ships_is_neither_renamed_nor_deleted(running: Running) -> None:
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "lab" in text(list_view.lines))
        await pilot.press("n", "delete")
        await until(pilot, lambda: sum("came with distdiag" in line for line in notifications(pilot)) == 2)


async def test_a_model_is_renamed_exported_and_deleted(running: Running, tmp_path: Path) -> None:
    own_model("older")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(list_view.lines) == 2)
        await pilot.press("down")
        await answer(pilot, "n", "#name", "oldest")
        await until(pilot, lambda: "oldest" in text(list_view.lines))
        assert model_registry.find("oldest").is_dir()
        await pilot.press("down")
        await answer(pilot, "x", "#directory", str(tmp_path / "out"))
        await until(pilot, (tmp_path / "out" / "oldest" / "model.json").is_file)
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "oldest" not in text(list_view.lines))
        assert "oldest" not in model_registry.directories()


async def test_a_model_that_does_not_fit_the_metrics_says_so(running: Running) -> None:
    path = own_model("foreign") / "model.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"host.cpu.usage"', '"host.cpu.gone"'), encoding="utf-8")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        whole = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "1 metrics of the model are missing here" in text(whole.lines))


async def test_every_panel_is_as_high_as_its_lines_from_the_first_tick(running: Running) -> None:
    async with running(calm(), size=(80, 24)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        workload = screen.query_one("#workload", Panel)
        await until(pilot, lambda: workload.size.height == 1)
