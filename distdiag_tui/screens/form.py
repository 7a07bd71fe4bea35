"""The fields of forms, each with its heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.widgets import Input, Label

from distdiag_tui.widgets.choices import Checklist, RadioList
from distdiag_tui.widgets.select import Select

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult

    from distdiag_core.runtime.snapshot import Snapshot


class ChoiceField(Vertical):
    """A field for one of several choices, as a list under a heading."""

    def __init__(self, heading: str, choices: Iterable[tuple[str, str]], name: str, *, chosen: str = "") -> None:
        super().__init__(id=name, classes="field")
        self._heading = heading
        self._list = RadioList(choices, chosen=chosen)

    def compose(self) -> ComposeResult:
        """Heading and list."""
        yield Label(self._heading, markup=False)
        yield self._list

    @property
    def value(self) -> str:
        """The name of the choice; empty where there is nothing to choose."""
        return self._list.value


class ChecklistField(Vertical):
    """A field for any number of several choices, as a list under a heading."""

    def __init__(
        self, heading: str, choices: Sequence[tuple[str, str]], name: str, *, chosen: Iterable[str] = ()
    ) -> None:
        super().__init__(id=name, classes="field")
        self._heading = heading
        self._list = Checklist(choices, chosen=chosen)

    def compose(self) -> ComposeResult:
        """Heading and list."""
        yield Label(f"{self._heading} (space: on and off)", markup=False)
        yield self._list

    @property
    def value(self) -> tuple[str, ...]:
        """The names of what is chosen, in the order of the list."""
        return self._list.value

    def choose(self, names: Iterable[str]) -> None:
        """Choose these and no others."""
        self._list.choose(names)


class NodesField(ChecklistField):
    """A field for any number of the nodes, in the order of the cluster."""

    def __init__(self, snapshot: Snapshot, *, chosen: Iterable[str] = (), name: str = "nodes") -> None:
        choices = [(status.node, f"{status.node}  {status.zone}  {status.state}") for status in snapshot.nodes]
        super().__init__("Nodes", choices, name, chosen=chosen)


class SelectField(Vertical):
    """One of several in one line, beside its heading; `hint` says what it is about."""

    def __init__(self, heading: str, choices: Sequence[str], name: str, *, chosen: str = "", hint: str = "") -> None:
        super().__init__(id=name, classes="field line")
        self.heading = heading
        self.hint = hint
        self._select = Select(choices, chosen=chosen)

    def compose(self) -> ComposeResult:
        """Heading and choice."""
        yield Label(self.heading, markup=False)
        yield self._select

    @property
    def value(self) -> str:
        """The name of the choice; empty where there is nothing to choose."""
        return self._select.value


class TextField(Vertical):
    """One line to type, beside its heading; `hint` says what it is about."""

    def __init__(self, heading: str, value: str, name: str, *, placeholder: str = "", hint: str = "") -> None:
        super().__init__(id=name, classes="field line")
        self.heading = heading
        self.hint = hint
        # Made here, so that its value can be read before it is on the screen.
        self._input = Input(value, placeholder=placeholder, compact=True, select_on_focus=True)

    def compose(self) -> ComposeResult:
        """Heading and input."""
        yield Label(self.heading, markup=False)
        yield self._input

    @property
    def value(self) -> str:
        """The text that was typed, without blanks around it."""
        return self._input.value.strip()
