"""The parameters of a node's database against those of its peers, asked when the screen is opened and by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from distdiag_core.operations.parameter_comparison import Parameter
from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.asked_listing import AskedListing
from distdiag_tui.views import parameters
from distdiag_tui.views.list_fields import parameter_fields
from distdiag_tui.views.parameters import NodeAgainstPeers

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class ParametersScreen(AskedListing[Parameter, NodeAgainstPeers]):
    """Those in which the node differs stand first, then those that changed lately."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("asked")
    """The actions of scope `asked`, beside those of `dialog`."""

    def __init__(self, node: str) -> None:
        super().__init__(f"parameters of {node}", "asked", reading="asking the databases ...")
        self._node = node

    @property
    def list_name(self) -> str:
        """The same for the parameters of every node."""
        return "parameters"

    @property
    def asking(self) -> str:
        """The question as the operator sees it."""
        return "asking for the parameters of all nodes"

    @property
    def nothing_answered(self) -> str:
        """The node is not among those of the answer."""
        return f"those of {self._node} are not known"

    async def ask(self, runtime: Operations) -> NodeAgainstPeers:
        """Ask for the parameters of all nodes."""
        return NodeAgainstPeers.of(await runtime.parameters.report(), self._node)

    def above(self, view: ViewState, width: int) -> list[Line]:
        """Counts, the time of the list, and what could not be read."""
        return parameters.above(view, self.answer, width)

    def items(self, view: ViewState) -> tuple[Parameter, ...]:
        """All parameters of the node."""
        return self.answer.ordered if self.answer is not None else ()

    def fields(self, view: ViewState) -> tuple[Field[Parameter], ...]:
        """By name, state, value or the values of the peers."""
        return parameter_fields(self.answer) if self.answer is not None else ()

    def key(self, item: Parameter) -> Hashable:
        """The name."""
        return item.name

    def header(self, width: int) -> Line:
        """The column headings."""
        return parameters.header(width)

    def row(self, view: ViewState, item: Parameter, width: int) -> Line:
        """One parameter."""
        return parameters.row(view, self.answer, item, width) if self.answer is not None else ()

    def detail(self, view: ViewState, item: Parameter, width: int) -> list[Line]:
        """Every value with its nodes, and every change."""
        return parameters.detail(self.answer, item, width) if self.answer is not None else []
