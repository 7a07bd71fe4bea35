"""`distdiag cases export` and `import`: exchange of cases as directories and tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.case_directories import path_of, paths_in
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import counted, emit, say
from distdiag_core.errors import ConfigError, DistdiagError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distdiag_core.dataset.exchange.notes import Notes

# Cases between two lines of progress.
_REPORT_EVERY_CASES = 100


@click.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.argument("names", metavar="[CASE]...", nargs=-1)
@click.option(
    "--from", "source", type=click.Path(path_type=Path, exists=True), help="Of these case directories, not the dataset."
)
@as_json
def export_cases(target: Path, names: tuple[str, ...], source: Path | None, *, as_json: bool) -> None:
    """Write every CASE, or all of them, to TARGET.

    TARGET is a directory of cases, or one table where it is called *.csv, *.csv.gz or *.parquet. Names that a
    spreadsheet would run as formulas get an apostrophe in CSV, which `import` takes away.
    """
    from distdiag_core import places
    from distdiag_core.dataset.exchange import directories, table_files

    if names and source is not None:
        raise ConfigError("--from and CASE exclude each other", hint="a CASE may be a path")
    paths = [path_of(name) for name in names] or paths_in(source or places.cases_dir())
    if table_files.is_target(target):
        _report(table_files.write(paths, target), target, as_json=as_json)
    else:
        _report((directories.copy(path, target) for path in paths), target, as_json=as_json)


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--into", type=click.Path(path_type=Path), help="Put them there instead of into the dataset.")
@click.option("--name", help="Name of the case of a table without a column `case`, instead of that of its file.")
@as_json
def import_cases(source: Path, into: Path | None, name: str | None, *, as_json: bool) -> None:
    """Import SOURCE: a case directory, a directory of them, a table (CSV, Parquet), or a directory of tables.

    Every case is checked, and imported whole or not at all; errors are named with file and line. Existing cases stay as
    they are, so that an interrupted import is continued by repeating it. What the columns of a table of another program
    are taken for is said.
    """
    from distdiag_core import places
    from distdiag_core.dataset.exchange import table_directory, table_files
    from distdiag_core.dataset.exchange.notes import Notes

    directory = into or places.cases_dir()
    notes = Notes(lambda note: say(f"note: {note}"), _known_anomalies())
    if source.is_dir() and name is not None:
        raise ConfigError("--name is for one table", where=str(source))
    if not source.is_dir():
        _report(table_files.read(source, directory, name=name, notes=notes), directory, as_json=as_json)
        return
    tables = {} if table_directory.is_dataset(source) else table_directory.tables_in(source)
    refused: list[str] = []
    parts = _copies(source, directory, notes)
    if tables:
        parts = (table_files.read(path, directory, name=each, notes=notes) for path, each in tables.items())
    _report(_imported(parts, refused), directory, as_json=as_json)
    if refused:
        what = f"{counted(len(refused), 'table' if tables else 'case')} not taken in"
        raise DistdiagError(what, hint="correct what is wrong and import again")


def _copies(source: Path, directory: Path, notes: Notes) -> Iterable[Iterator[str]]:
    from distdiag_core.dataset.case_files import case_directory
    from distdiag_core.dataset.exchange import directories, table_files

    for path in case_directory.found(source):
        yield (directories.copy(each, directory, notes) for each in (path,))
    loose = [path.name for path in sorted(source.iterdir()) if path.is_file() and table_files.is_table_name(path)]
    if loose and not case_directory.is_case(source):
        say(f"note: {source}: {', '.join(loose[:5])} beside cases is not taken in; import it by itself")


def _imported(parts: Iterable[Iterator[str]], refused: list[str]) -> Iterator[str]:
    for part in parts:
        try:
            yield from part
        except DistdiagError as error:
            refused.append(str(error))
            say(f"not taken in: {error}")


def _known_anomalies() -> frozenset[str]:
    from distdiag_core.anomalies import catalogue

    return frozenset(anomaly.name for anomaly in catalogue.load().anomalies)


def _report(names: Iterator[str], where: Path, *, as_json: bool) -> None:
    count = 0
    for count, name in enumerate(names, start=1):
        if as_json:
            emit({"case": name})
        if count % _REPORT_EVERY_CASES == 0:
            say(f"{counted(count, 'case')} so far")
    say(f"{counted(count, 'case')} written to {where}")
