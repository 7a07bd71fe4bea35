"""The registration of the source `host`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.metrics.source import SOURCES, SampledKind
from distdiag_core.metrics.sources.host.remote_host import HostSource

if TYPE_CHECKING:
    from distdiag_core.metrics.source import Source, SourceContext


def _make(context: SourceContext) -> Source:
    node = context.node
    if node.connection == "local":
        # psutil is imported only where it is used, so that the headless verbs start fast.
        from distdiag_core.metrics.sources.host.local_host import LocalHostSource

        return LocalHostSource(device=node.device, data_dir=node.data_dir, interface=node.interface)
    return HostSource(context.shell, device=node.device, data_dir=node.data_dir, interface=node.interface)


SOURCES.register(SampledKind("host", "the operating system, over SSH", _make, connection="host"))
