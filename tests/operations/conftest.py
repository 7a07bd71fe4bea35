"""SSH servers on loopback, as other rooms have them."""

from __future__ import annotations

from tests.cluster.conftest import free_port, home, new_server

__all__ = ["free_port", "home", "new_server"]
