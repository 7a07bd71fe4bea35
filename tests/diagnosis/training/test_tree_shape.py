"""Shape of the trees: many shallow ones where nodes have peers, fewer and deeper ones on single nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.diagnosis.training.trainer import train
from distdiag_core.diagnosis.training.training_options import TrainOptions
from distdiag_core.diagnosis.training.tree_shape import tree_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case


@pytest.mark.parametrize("nodes", [("n1", "n2", "n3"), ("n1",)])
def test_trees_are_as_deep_and_as_many_as_suit_the_nodes(case_of: Callable[..., Case], nodes: tuple[str, ...]) -> None:
    cases = [case_of(1, ("cpu_stress", "n1"), nodes=nodes), case_of(2, nodes=nodes)]
    found = train(cases, "m", TrainOptions(calibrate=False)).classifiers
    shape = tree_shape(peers=len(nodes) > 1)
    trees = found.booster.get_dump()
    assert len(trees) == 2 * shape.rounds * shape.parallel
    assert max(line.count("\t") for tree in trees for line in tree.splitlines()) <= shape.depth


def test_options_may_ask_for_fewer_rounds(case_of: Callable[..., Case]) -> None:
    cases = [case_of(1, ("cpu_stress", "n1")), case_of(2)]
    found = train(cases, "m", TrainOptions(rounds=3, calibrate=False)).classifiers
    assert len(found.booster.get_dump()) == 2 * 3
