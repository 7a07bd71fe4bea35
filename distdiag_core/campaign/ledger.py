"""The ledger of a campaign: its finished cases as case directories, and a line of JSON for every attempt."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Strict

from distdiag_core.campaign.campaign import current_name
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.campaign.campaign import Campaign
    from distdiag_core.dataset.case import Case

_FILE = "campaign.jsonl"


@dataclass(frozen=True, slots=True)
class _Owner:
    """The first line: the campaign that the directory belongs to."""

    campaign: str
    seed: Annotated[int, Strict()]


class Ledger:
    """The output directory of one campaign, created where it is missing.

    Raises:
        ConfigError: the directory belongs to another campaign.
        DataError: it cannot be read or written; `keep` and `note_failure` raise this too.
    """

    def __init__(self, directory: Path, campaign: Campaign) -> None:
        self._directory = directory
        self._file = directory / _FILE
        try:
            directory.mkdir(parents=True, exist_ok=True)
            owner = self._owner()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"cannot be used: {error}", where=str(directory)) from error
        if owner is None:
            self._note({"campaign": campaign.name, "seed": campaign.seed})
        elif owner != (current_name(campaign.name), campaign.seed):
            raise ConfigError(
                f"holds cases of campaign {owner[0]} with seed {owner[1]}, not of {campaign.name} with {campaign.seed}",
                where=str(directory),
                hint="give another directory",
            )

    def has(self, name: str) -> bool:
        """Whether the case called `name` is finished."""
        return case_directory.is_case(self._directory / name)

    def keep(self, case: Case) -> None:
        """Write a finished case."""
        case_directory.write(case, self._directory)
        self._note({"case": case.name, "outcome": "done", "time_s": time.time()})

    def note_failure(self, name: str, reason: str) -> None:
        """Note a failed attempt at a case; no case directory is written."""
        self._note({"case": name, "outcome": "failed", "reason": reason, "time_s": time.time()})

    def _owner(self) -> tuple[str, object] | None:
        if not self._file.exists():
            return None
        first = self._file.read_text(encoding="utf-8").partition("\n")[0]
        where = f"{self._file}:1"
        entry = json_document.parse(first, _Owner, where=where, hint="it is damaged; give another directory")
        return current_name(entry.campaign), entry.seed

    def _note(self, entry: dict[str, object]) -> None:
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
        except OSError as error:
            raise DataError(f"cannot be written: {error.strerror}", where=str(self._file)) from error
