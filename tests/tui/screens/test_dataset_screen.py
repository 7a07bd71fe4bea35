"""The dataset's screen by keys alone, on real cases."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from distdiag_core.campaign import campaign
from distdiag_core.dataset.case_files import case_directory
from distdiag_tui.screens.advice import AdviceScreen
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import collecting
from tests.tui.conftest import until
from tests.tui.forms import answer, with_collecting
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Running


def keep_only(path: Path) -> None:
    for each in path.parent.iterdir():
        if each != path:
            shutil.rmtree(each)


def labels_on_file(dataset: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in dataset.glob("*/case.yaml")}


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


async def test_a_damaged_case_is_reported_and_hides_no_other(running: Running, dataset: Path) -> None:
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
