"""An SSH server and an engine on loopback, as other rooms have them."""

from __future__ import annotations

from tests.cluster.conftest import free_port, home, new_server, server
from tests.operations.conftest import engine

__all__ = ["engine", "free_port", "home", "new_server", "server"]
