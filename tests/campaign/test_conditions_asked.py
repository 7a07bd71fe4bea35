"""Injections of nodes that do not answer do not count as ended."""

from __future__ import annotations

import pytest

from distdiag_core.campaign.conditions import check_asked
from distdiag_core.errors import UnreachableError


@pytest.mark.parametrize("silent", ["n1 cannot be asked: refused", "kubernetes cannot be asked: refused"])
def test_the_holder_of_the_injections_of_a_node_has_to_answer(silent: str) -> None:
    with pytest.raises(UnreachableError, match="an injection may still be there"):
        check_asked([silent], {"n1", "n2"})


def test_other_nodes_need_not_answer() -> None:
    check_asked(["n3 cannot be asked: refused"], {"n1", "n2"})
