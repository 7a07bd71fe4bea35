"""What the dialogs with fields share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList, SelectionList
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from distdiag_core.snapshot import Snapshot


class ChoiceField(Vertical):
    """One of several, under a heading. The choice is what is highlighted."""

    def __init__(self, heading: str, choices: Iterable[tuple[str, str]], id: str) -> None:
        super().__init__(id=id, classes="field")
        self._heading = heading
        self._choices = tuple(choices)

    def compose(self) -> ComposeResult:
        """Heading and list."""
        yield Label(self._heading, markup=False)
        yield OptionList(*(Option(Content(label), id=name) for name, label in self._choices), compact=True)

    def on_mount(self) -> None:
        """The first one."""
        if self._choices:
            self.query_one(OptionList).highlighted = 0

    def choose(self, name: str) -> None:
        """Choose by name."""
        names = [choice for choice, _ in self._choices]
        if name in names:
            self.query_one(OptionList).highlighted = names.index(name)

    @property
    def value(self) -> str:
        """The name of the choice; empty where there is nothing to choose."""
        at = self.query_one(OptionList).highlighted
        return self._choices[at][0] if at is not None else ""


class NodesField(Vertical):
    """Any of the nodes."""

    def __init__(self, snapshot: Snapshot, *, chosen: Iterable[str] = (), id: str = "nodes") -> None:
        super().__init__(id=id, classes="field")
        self._snapshot = snapshot
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        """Heading and list."""
        yield Label("Nodes (space selects)", markup=False)
        yield SelectionList[str](
            *(
                Selection(Content(f"{status.node} {status.zone} {status.state}"), status.node, status.node in self._chosen)
                for status in self._snapshot.nodes
            ),
            compact=True,
        )

    @property
    def value(self) -> tuple[str, ...]:
        """The chosen ones, in the order of the cluster."""
        selected = set(self.query_one(SelectionList).selected)
        return tuple(status.node for status in self._snapshot.nodes if status.node in selected)


class TextField(Vertical):
    """One line to type, beside its heading."""

    def __init__(self, heading: str, value: str, id: str, *, placeholder: str = "") -> None:
        super().__init__(id=id, classes="field line")
        self._heading = heading
        self._value = value
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """Heading and input."""
        yield Label(self._heading, markup=False)
        yield Input(self._value, placeholder=self._placeholder, compact=True, select_on_focus=True)

    @property
    def value(self) -> str:
        """What was typed."""
        return self.query_one(Input).value.strip()
