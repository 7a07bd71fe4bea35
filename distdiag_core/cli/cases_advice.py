"""`distdiag cases advise`: a campaign file for what the dataset has too little of."""

from __future__ import annotations

from pathlib import Path

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.case_directories import outlines
from distdiag_core.cli.nodes_option import nodes_option
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, put, say
from distdiag_core.errors import ConfigError


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, exists=True), required=False)
@click.option(
    "--anomaly",
    "anomalies",
    shell_complete=completed_values.anomalies,
    multiple=True,
    help="Only this one; without it: what the dataset has.",
)
@nodes_option("Only there; without it: on the nodes of the dataset.")
@as_json
def advise(directory: Path | None, anomalies: tuple[str, ...], nodes: tuple[str, ...], *, as_json: bool) -> None:
    """Print a campaign file of what the dataset has too little of: by anomaly, node, severity and load, and in balance.

    Run it by `distdiag cases advise > FILE` and `distdiag campaign run FILE --out DIR`.
    """
    from distdiag_core.campaign.advice import advise

    found = outlines(directory)
    chosen = anomalies or tuple(sorted({label.anomaly for case in found for label in case.labels}))
    places = nodes or tuple(sorted({node for case in found for node in case.window.nodes}))
    if not chosen:
        raise ConfigError("the dataset has no anomaly yet", hint="say which with --anomaly")
    advice = advise(found, chosen, places)
    if as_json:
        emit({"reasons": advice.reasons, "campaign": advice.campaign})
    elif advice.reasons:
        put(str(advice), nl=False)
    else:
        say("nothing is thin, and the dataset is balanced")
