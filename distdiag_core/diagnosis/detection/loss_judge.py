"""Judge of packet loss: of which nodes nothing was lost that they sent again.

A sender that hears nothing in time sends again, and a receiver that has a segment already says so by a duplicate SACK
(RFC 2883). On a host that waits for a processor acknowledgements come late, and all that was sent again had arrived;
where packets are lost, some had not. A classifier sees more segments sent again in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Mask, Window

NETWORK_LOSS = "network_loss"
# Shares of the segments that a node has sent, in percent.
_SENT_AGAIN, _HAD_ARRIVED = "host.tcp.retransmit_share", "host.tcp.sent_twice_share"
# Of rounding.
_NOTHING = 0.01


def nothing_lost(window: Window, ticks: int) -> Mask:
    """Nodes on which all had arrived that was sent again in the newest ticks, shape (N,); False where that is unknown.

    Args:
        ticks: how many are looked at. What was sent again in the newest one may be reported in the next.
    """
    if not {_SENT_AGAIN, _HAD_ARRIVED} <= set(window.metrics):
        return np.zeros(len(window.nodes), dtype=np.bool_)
    places = [window.metrics.index(each) for each in (_SENT_AGAIN, _HAD_ARRIVED)]
    sent_again, had_arrived = (window.values[:, place, -ticks:] for place in places)
    lost = np.nansum(sent_again[:, :-1], axis=1) - np.nansum(had_arrived, axis=1)
    is_known = np.isfinite(had_arrived).any(axis=1) & (np.nan_to_num(sent_again) > 0).any(axis=1)
    result: Mask = is_known & (lost <= _NOTHING)
    return result
