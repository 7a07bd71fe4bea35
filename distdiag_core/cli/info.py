"""`distdiag info`: versions, and the places where distdiag keeps files."""

from __future__ import annotations

import platform

import click

from distdiag_core import __version__, places
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, put


@click.command()
@as_json
def info(*, as_json: bool) -> None:
    """Versions, and every place where distdiag keeps files."""
    facts = {
        "version": __version__,
        "python": platform.python_version(),
        "clusters": places.clusters_dir(),
        "anomalies": places.anomalies_dir(),
        "advice": places.advice_dir(),
        "recordings": places.recordings_dir(),
        "cases": places.cases_dir(),
        "models": places.models_dir(),
        "log": places.log_file(),
        "audit": places.audit_file(),
        "lab": places.lab_dir(),
        "cache": places.cache_dir(),
        "shipped configuration": places.shipped_config(),
    }
    if as_json:
        emit(facts)
        return
    for name, value in facts.items():
        put(f"{name:<22} {value}")
