"""Shape of the trees of a classifier: how deep they are, how many there are, how much each may say, and on what.

Measured by training on one recording or machine and testing on others. Where nodes have peers, few splits say enough:
120 trees of depth two were better on loads not taught than 20 rounds of three trees of depth four (right first row in
0.89 against 0.77 of the anomalous seconds of 31 cases), in a third of the time. A single node has only its past to be
compared with, and needs several splits to tell kinds apart (DBPA on another machine, AC@1 0.93 against 0.85), and all
of its normal windows (DBSherlock's compound cases, trained on single ones, two seeds: AC@3 0.95 and 0.97 against 0.91,
AC@5 1.00 against 0.97).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TreeShape:
    """Shape of the trees.

    Attributes:
        depth: splits from the root to a leaf at most.
        rounds: boosting rounds.
        parallel: trees a round, whose mean counts.
        rate: share of what a round would correct that it does.
        thinned: whether half of the normal windows is enough.
    """

    depth: int
    rounds: int
    parallel: int
    rate: float
    thinned: bool


_SHALLOW = TreeShape(depth=2, rounds=120, parallel=1, rate=0.12, thinned=True)
_DEEP = TreeShape(depth=4, rounds=20, parallel=3, rate=0.3, thinned=False)


def tree_shape(*, peers: bool) -> TreeShape:
    """The shape for nodes that are compared with peers, or for those that are not."""
    return _SHALLOW if peers else _DEEP
