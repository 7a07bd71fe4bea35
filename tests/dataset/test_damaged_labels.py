"""`case.yaml` with any value in any place: the case is read, listed and counted, or refused with its file."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import yaml

from distdiag_core.dataset import statistics
from distdiag_core.dataset.case_files import case_directory, case_yaml
from distdiag_core.errors import ConfigError, DataError
from tests.mutations import mutations

_CASE = Path(__file__).parent.parent / "diagnosis" / "lab_cases" / "cpu_stress-n2-high-rw3-1"


def test_any_value_in_any_place_is_read_or_refused(tmp_path: Path) -> None:
    path = shutil.copytree(_CASE, tmp_path / "case")
    file = path / "case.yaml"
    window = case_directory.outline(path).window
    refused = 0
    sound = yaml.safe_load(file.read_text(encoding="utf-8"))
    for what, data in mutations(sound | {"tags": ["night"], "excluded": None, "scenario": "A1"}):
        file.write_text(yaml.safe_dump(data), encoding="utf-8")
        try:
            case = case_yaml.case_of(case_yaml.load(file), "case", window, str(file))
        except (ConfigError, DataError) as error:
            refused += 1
            assert str(file) in str(error), what  # noqa: PT017 - most of many are refused
            continue
        assert math.isfinite(case.period_s), what
        statistics.total([statistics.count(case)], 30.0)
        case_yaml.text_of(case)
    assert refused > 150
