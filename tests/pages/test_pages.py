"""What the pages name exists: links and their anchors, files, modules, targets of make, keys and messages."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import pytest

from distdiag_core.cluster import inventory
from distdiag_core.settings import yaml_document
from distdiag_core.setup import privileges
from distdiag_core.setup.cluster_draft import ClusterDraft
from distdiag_tui.actions.key_labels import key_label
from distdiag_tui.actions.registry import ACTIONS
from tests.pages.command_line import commands, problem
from tests.pages.markdown import Document
from tests.pages.reference import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_PATHS = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").rglob("*.md")))
PAGES = {path.relative_to(ROOT).as_posix(): Document.read(path) for path in _PATHS}
_TREES = ("distdiag_core", "distdiag_tui")
_FILE = re.compile(r"(?<![\w./~-])(?:config|docs|tests|deploy|distdiag_core|distdiag_tui)/[\w./-]+")
_MODULE = re.compile(r"\bpython3? -m (tests[\w.]+)")
_MAKE = re.compile(r"^(?:make) ([a-z-]+)$")
# A whole key in backticks, as pages write it; a letter may also be something else on pages that are about figures.
_KEY = re.compile(r"[a-zA-Z?<>.,+\[\]]|F\d+|\^\w|ctrl\+\w+|Esc|Enter|Tab|Space")
_PAGES_OF_KEYS = (
    "README.md",
    "docs/getting-started.md",
    "docs/console.md",
    "docs/data.md",
    "docs/recordings.md",
    "docs/diagnosis.md",
    "docs/troubleshooting.md",
)


def _each(pages: tuple[str, ...] | None = None) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", pages or tuple(PAGES))


@cache
def _anchors(path: Path) -> frozenset[str]:
    return Document.read(path).anchors()


@_each()
def test_links_lead_somewhere(name: str) -> None:
    page = PAGES[name]
    broken = []
    for link in page.links():
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        path = (page.path.parent / target).resolve() if target else page.path
        known = _anchors(path) if path.suffix == ".md" and path.is_file() else frozenset()
        if not path.exists() or (anchor and anchor not in known):
            broken.append(link)
    assert broken == []


# The pages of the options have synopses, with names for values.
@_each(tuple(name for name in PAGES if not name.startswith("docs/verbs/")))
def test_commands_are_understood(name: str) -> None:
    found = commands(PAGES[name])
    assert [said for command, whole in found if (said := problem(command, whole=whole))] == []


@_each()
def test_files_and_modules_exist(name: str) -> None:
    page = PAGES[name]
    texts = (*page.inline(), *page.code())
    files = {found.rstrip("./") for text in texts for found in _FILE.findall(text)}
    modules = {found.replace(".", "/") + ".py" for text in texts for found in _MODULE.findall(text)}
    assert [each for each in sorted(files | modules) if not (ROOT / each).exists()] == []


@_each()
def test_targets_of_make_exist(name: str) -> None:
    page = PAGES[name]
    named = {
        found[1] for text in (*page.inline(), *page.code()) if (found := _MAKE.match(text.partition("#")[0].strip()))
    }
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [each for each in named if not re.search(rf"^{each}:", makefile, re.MULTILINE)] == []


@_each(_PAGES_OF_KEYS)
def test_keys_exist(name: str) -> None:
    labels = set(chain.from_iterable(key_label(action.keys).split() for action in ACTIONS)) | {"^s"}
    named = {each.replace("ctrl+", "^") for each in PAGES[name].inline() if _KEY.fullmatch(each)}
    assert named - labels == set()


def test_the_index_leads_to_every_page() -> None:
    by_path = {page.path: page for page in PAGES.values()}
    found, left = set(), [PAGES["docs/README.md"].path]
    while left:
        page = by_path[left.pop()]
        found.add(page.path)
        targets = {(page.path.parent / link.partition("#")[0]).resolve() for link in page.links()}
        left += (targets & set(by_path)) - found
    assert {path for path in by_path if path.is_relative_to(ROOT / "docs")} - found == set()


def test_the_index_names_every_page_beside_it() -> None:
    named = {link.partition("#")[0] for link in PAGES["docs/README.md"].links()}
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"} <= named


def test_the_files_that_the_architecture_names_exist() -> None:
    named = {text for text in PAGES["docs/architecture.md"].inline() if text.endswith((".py", "/"))}
    places = (ROOT, *(ROOT / tree for tree in _TREES))
    assert [
        each
        for each in named
        if not any((place / each).exists() or ("/" not in each and any(place.rglob(each))) for place in places)
    ] == []


def test_messages_of_the_symptoms_are_in_the_code() -> None:
    code = "".join(path.read_text(encoding="utf-8") for tree in _TREES for path in sorted((ROOT / tree).rglob("*.py")))
    _, _, rest = PAGES["docs/troubleshooting.md"].text.partition("## By symptom")
    table, _, _ = rest.partition("\n## ")
    said = [
        text for row in table.splitlines() for text in re.findall(r"`([^`]+)`", row.split("|")[1] if "|" in row else "")
    ]
    messages = [
        part for text in said for part in text.split(" ... ") if " " in text and not text.startswith("distdiag ")
    ]
    assert len(messages) > 8
    assert [part for part in messages if part.removeprefix("host ") not in code] == []


def test_the_page_of_your_cluster_grants_what_config_init_prints() -> None:
    draft = ClusterDraft(name="shop", nodes=(), ssh_user="watcher", sql_user="distdiag@sys", read_only=False)
    lines = set(PAGES["docs/your-cluster.md"].code())
    assert {*privileges.sql_statements(draft), privileges.sudoers(draft)} <= lines


def test_the_cluster_file_of_the_page_is_one(tmp_path: Path) -> None:
    sections = [
        block for block in PAGES["docs/your-cluster.md"].yaml_blocks() if re.match(r"(name|ssh|read_only):", block)
    ]
    merged: dict[str, Any] = {}
    for block in sections:
        for key, value in cast("dict[str, Any]", yaml_document.parse(block, where="the page").data).items():
            merged[key] = {**merged[key], **value} if isinstance(merged.get(key), dict) else value
    path = tmp_path / "shop.yaml"
    path.write_text(yaml_document.dump(merged), encoding="utf-8")
    cluster = inventory.load(path)
    assert len(sections) == 3
    assert [node.name for node in cluster.nodes] == ["n1", "n2", "n3"]
