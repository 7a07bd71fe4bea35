"""The directories and files of distdiag: below the XDG base directories, and the configuration that ships with it."""

import os
from pathlib import Path

_APP = "distdiag"
_PACKAGE = Path(__file__).resolve().parent


def _xdg(variable: str, fallback: str) -> Path:
    # The XDG specification says that a relative path is to be ignored.
    value = os.environ.get(variable, "")
    base = Path(value) if value.startswith("/") else Path.home() / fallback
    return base / _APP


def config_dir() -> Path:
    """Cluster files, and the user's own catalogues."""
    return _xdg("XDG_CONFIG_HOME", ".config")


def data_dir() -> Path:
    """Recordings, cases and models."""
    return _xdg("XDG_DATA_HOME", ".local/share")


def state_dir() -> Path:
    """Logs, the audit log and the lab."""
    return _xdg("XDG_STATE_HOME", ".local/state")


def cache_dir() -> Path:
    """Files that can be made again."""
    return _xdg("XDG_CACHE_HOME", ".cache")


def anomalies_dir() -> Path:
    """The user's own anomalies, one file each, beside those that ship."""
    return config_dir() / "anomalies"


def advice_dir() -> Path:
    """The user's own advice on anomalies, one file each, beside what ships."""
    return config_dir() / "advice"


def prometheus_dir() -> Path:
    """The user's own files of queries, beside those that ship."""
    return config_dir() / "prometheus"


def clusters_dir() -> Path:
    """One cluster file per cluster, NAME.yaml."""
    return config_dir() / "clusters"


def recordings_dir() -> Path:
    """One SQLite file per run and cluster."""
    return data_dir() / "recordings"


def cases_dir() -> Path:
    """The dataset: one case directory per case."""
    return data_dir() / "cases"


def models_dir() -> Path:
    """One model directory per trained model."""
    return data_dir() / "models"


def experiments_dir() -> Path:
    """One JSON file per experiment: a benchmark and anomalies as one named run."""
    return data_dir() / "experiments"


def log_file() -> Path:
    """The log of the program."""
    return state_dir() / "distdiag.log"


def audit_file() -> Path:
    """The append-only audit log."""
    return state_dir() / "audit.jsonl"


def collecting_dir() -> Path:
    """Notes of running consoles about the cases that they collect."""
    return state_dir() / "collecting"


def parameters_dir() -> Path:
    """The parameters of the databases as they were last read, a JSON file for each node of a cluster."""
    return state_dir() / "parameters"


def lab_dir() -> Path:
    """The lab's disks, keys and bookkeeping."""
    return state_dir() / "lab"


def shipped_config() -> Path:
    """The catalogues and examples that ship with distdiag: inside a wheel, or beside the source."""
    inside = _PACKAGE / "config"
    return inside if inside.is_dir() else _PACKAGE.parent / "config"
