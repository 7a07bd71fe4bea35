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
    from collections.abc import Iterator

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

    TARGET is a directory of cases, or one table where it is called *.csv, *.csv.gz or *.parquet.
    """
    from distdiag_core import places
    from distdiag_core.dataset.exchange import directories, table_files

    if names and source is not None:
        raise ConfigError("--from and CASE exclude each other", hint="a CASE may be a path")
    paths = [path_of(name) for name in names] or paths_in(source or places.cases_dir())
    if table_files.is_table(target):
        _report(table_files.write(paths, target), target, as_json=as_json)
    else:
        _report((directories.copy(path, target) for path in paths), target, as_json=as_json)


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--into", type=click.Path(path_type=Path), help="Put them there instead of into the dataset.")
@as_json
def import_cases(source: Path, into: Path | None, *, as_json: bool) -> None:
    """Import SOURCE: a case directory, a directory of them, or a table as `export` writes it.

    Every case is checked, and imported whole or not at all; errors are named with file and line. Existing cases stay as
    they are, so that an interrupted import is continued by repeating it.
    """
    from distdiag_core import places
    from distdiag_core.dataset.case_files import case_directory
    from distdiag_core.dataset.exchange import directories, table_files

    directory = into or places.cases_dir()
    if table_files.is_table(source):
        _report(table_files.read(source, directory), directory, as_json=as_json)
        return
    refused: list[str] = []

    def imported() -> Iterator[str]:
        for path in case_directory.found(source):
            try:
                yield directories.copy(path, directory)
            except DistdiagError as error:
                refused.append(str(error))
                say(f"not taken in: {error}")

    _report(imported(), directory, as_json=as_json)
    if refused:
        raise DistdiagError(
            f"{counted(len(refused), 'case')} not taken in", hint="correct what is wrong and import again"
        )


def _report(names: Iterator[str], where: Path, *, as_json: bool) -> None:
    count = 0
    for count, name in enumerate(names, start=1):
        if as_json:
            emit({"case": name})
        if count % _REPORT_EVERY_CASES == 0:
            say(f"{counted(count, 'case')} so far")
    say(f"{counted(count, 'case')} written to {where}")
