"""The ledger of a campaign: which directory belongs to which campaign."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.campaign.ledger import Ledger
from distdiag_core.errors import ConfigError
from tests.campaign.small import SINGLES

if TYPE_CHECKING:
    from pathlib import Path


def test_a_directory_of_another_campaign_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path, SINGLES)

    with pytest.raises(ConfigError, match="holds cases of campaign small with seed 7"):
        Ledger(tmp_path, replace(SINGLES, name="other"))


def test_a_directory_begun_under_the_previous_name_of_a_campaign_is_continued(tmp_path: Path) -> None:
    Ledger(tmp_path, replace(SINGLES, name="paper16.normal-life"))
    begun = (tmp_path / "campaign.jsonl").read_bytes()

    Ledger(tmp_path, replace(SINGLES, name="paper16.normal-operation"))

    assert (tmp_path / "campaign.jsonl").read_bytes() == begun
