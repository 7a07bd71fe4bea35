"""`distdiag advice`: what to do about an anomaly."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, put
from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from distdiag_core.anomalies.advice_catalogue import Advice

_WIDTH = 118


@click.command()
@click.argument("anomaly", shell_complete=completed_values.anomalies, required=False)
@as_json
def advice(anomaly: str | None, *, as_json: bool) -> None:
    """What to look at, and what usually helps; of one ANOMALY or of all."""
    from distdiag_core.anomalies import advice_catalogue, catalogue

    known = advice_catalogue.load()
    if anomaly is not None and anomaly not in known:
        raise ConfigError(f"there is no advice on {quoted(anomaly)}", hint=f"there is on {', '.join(sorted(known))}")
    chosen = sorted(known) if anomaly is None else [anomaly]
    if as_json:
        emit({name: known[name] for name in chosen})
        return
    anomalies = catalogue.load()
    for place, name in enumerate(chosen):
        _print(f"{anomalies.label(name)} ({name})", known[name], gap=place > 0)


def _print(title: str, advice: Advice, *, gap: bool) -> None:
    from distdiag_core.anomalies.advice_catalogue import SECTIONS, TITLES

    if gap:
        put()
    put(title)
    _wrapped(advice.first, "  ")
    for section in SECTIONS:
        texts = getattr(advice, section)
        if not texts:
            continue
        put(f"  {TITLES[section]}")
        for key, text in texts.items():
            _wrapped(f"{key}: {text}" if section == "views" else text, "    ")


def _wrapped(text: str, indent: str) -> None:
    put(textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  "))
