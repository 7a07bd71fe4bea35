"""An SSH server on loopback, as other rooms have it."""

from __future__ import annotations

from tests.cluster.conftest import free_port, home, new_server, server

__all__ = ["free_port", "home", "new_server", "server"]
