"""The order of each list that the operator has chosen, kept from one console to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from distdiag_tui import state_files
from distdiag_tui.views.arrangement import Order


@dataclass(frozen=True, slots=True)
class ListOrders:
    """The orders by the names of the lists."""

    orders: dict[str, Order] = field(default_factory=dict)


def load(name: str) -> Order:
    """The order of a list; as its items come where none was chosen."""
    return state_files.load("orders", ListOrders, ListOrders()).orders.get(name, Order())


def save(name: str, order: Order) -> None:
    """Keep the order of a list.

    Raises:
        OSError: it cannot be written.
    """
    orders = state_files.load("orders", ListOrders, ListOrders()).orders
    state_files.save("orders", ListOrders({**orders, name: order}))
