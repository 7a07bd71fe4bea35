"""The ledger of a campaign: which directory belongs to which campaign."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.campaign.ledger import Ledger
from distdiag_core.errors import ConfigError, DataError
from tests.campaign.small import SINGLES
from tests.mutations import mutations

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


def test_whatever_the_first_line_holds_the_directory_is_used_or_refused(tmp_path: Path) -> None:
    Ledger(tmp_path, SINGLES)
    file = tmp_path / "campaign.jsonl"
    for _, data in mutations(json.loads(file.read_text(encoding="utf-8"))):
        file.write_text(json.dumps(data), encoding="utf-8")
        with suppress(DataError, ConfigError):
            Ledger(tmp_path, SINGLES)
    file.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(DataError, match=r"campaign\.jsonl:1: is damaged: it is nested too deeply"):
        Ledger(tmp_path, SINGLES)
