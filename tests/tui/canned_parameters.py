"""Parameters of three nodes: n2 has less memory, and got it two hours ago; addresses differ on purpose."""

from __future__ import annotations

from distdiag_core.operations import parameter_comparison
from distdiag_core.operations.node_parameters import NodeParameters
from distdiag_core.operations.parameter_comparison import ParameterChange
from distdiag_core.operations.parameters import ParameterReport
from tests.tui.canned import NOW_S

_COMMON = {"cpu_count": "16", "memory_limit": "16G", "note": "all\x1b[31m\nthe same", "syslog_level": "WDIAG"}
PARAMETERS = ParameterReport(
    NOW_S,
    ("n1", "n2", "n3"),
    parameter_comparison.compare(
        [
            NodeParameters("n1", "view", _COMMON | {"local_ip": "10.0.0.1"}),
            NodeParameters("n2", "view", _COMMON | {"local_ip": "10.0.0.2", "memory_limit": "8G"}),
            NodeParameters("n3", "view", _COMMON | {"local_ip": "10.0.0.3"}),
        ]
    ),
    (
        ParameterChange("n2", "memory_limit", "16G", "8G", NOW_S - 7260, NOW_S - 7200),
        ParameterChange("n2", "syslog_level", "INFO", "WDIAG", NOW_S - 9e5, NOW_S - 8e5),
    ),
)
