"""The models' screen by keys alone, on real model directories."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.models import model_registry
from distdiag_tui.screens.model_comparison import ModelComparisonScreen
from distdiag_tui.screens.question import Question
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.call_log import Call
from tests.tui.canned import cluster, collecting
from tests.tui.conftest import until
from tests.tui.forms import TRAINED_WITHIN_S, answer, own_model
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Running


def _down_to(model: str, list_view: ListView) -> list[str]:
    """The keys from the first row to that of a model."""
    (row,) = [number for number, line in enumerate(list_view.lines) if f" {model} " in text((line,))]
    return ["down"] * row


async def test_another_model_is_put_to_use(running: Running) -> None:
    own_model("older")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(list_view.lines) == 4)
        await pilot.press("u")
        await until(pilot, lambda: "diagnoses now" in text(list_view.lines[:1]), within_s=TRAINED_WITHIN_S)
        assert core_of(pilot).log.calls == [Call("models.use", "older")]
        assert model_registry.chosen() == "older"


async def test_two_models_are_compared_on_the_same_cases(running: Running, dataset: Path) -> None:
    for each in ("network_delay-n1-medium-rw3-1", "io_stress-n1-medium-rw3-1", "network_delay-n3-medium-wo2-1"):
        shutil.rmtree(dataset / each)
    own_model("older")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(list_view.lines) == 4)
        await pilot.press("c")
        await until(pilot, lambda: any("mark two models first" in line for line in notifications(pilot)))
        await pilot.press("space", *_down_to("lab", list_view), "space")
        await answer(pilot, "c", "#cases", "")
        await until(pilot, lambda: isinstance(pilot.app.screen, ModelComparisonScreen))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "AC@1 by category" in text(pane.lines), within_s=TRAINED_WITHIN_S)
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
        await until(pilot, lambda: len(list_view.lines) == 4)
        await pilot.press("space", "down", "space")
        await answer(pilot, "c", "#cases", "absent")
        await until(pilot, lambda: isinstance(pilot.app.screen, ModelComparisonScreen))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "there are no cases" in text(pane.lines), within_s=TRAINED_WITHIN_S)


async def test_a_damaged_model_is_listed_as_one(running: Running) -> None:
    (own_model("broken") / "model.json").write_text("{", encoding="utf-8")
    async with running(collecting()) as pilot:
        await pilot.press("M")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "is damaged" in text(list_view.lines))
        await pilot.press("u")
        await until(
            pilot, lambda: any("using broken" in line for line in notifications(pilot)), within_s=TRAINED_WITHIN_S
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
        await until(pilot, lambda: len(list_view.lines) == 4)
        await answer(pilot, "n", "#name", "oldest")
        await until(pilot, lambda: "oldest" in text(list_view.lines))
        assert model_registry.find("oldest").is_dir()
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
        await until(pilot, lambda: "a metric missing, " in text(whole.lines))


async def test_the_details_say_what_the_model_lacks_on_this_cluster(running: Running) -> None:
    host_alone = replace(collecting(), cluster=replace(cluster(), sources=("host",)))
    async with running(host_alone) as pilot:
        await pilot.press("M")
        pane, list_view = pilot.app.screen.query_one(TextPane), pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(list_view.lines) == 3)
        down = _down_to("lab", list_view)
        await pilot.press(*down)
        await until(pilot, lambda: "(sources: sysstat off)" in text(pane.lines), within_s=TRAINED_WITHIN_S)
        assert "io_stress: " in text(pane.lines)
        assert " -  " in text(list_view.lines[len(down) : len(down) + 1])
