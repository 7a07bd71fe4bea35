"""The options of a benchmark as fields of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmark_options import described
from distdiag_tui.screens.form import SelectField, TextField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from distdiag_core.workloads.benchmark import Benchmark
    from distdiag_core.workloads.benchmark_options import Option, Options, Scalar

_YES, _NO = "yes", "no"


def option_fields(benchmark: Benchmark, last: Options | None = None) -> list[Widget]:
    """A field for each option, with the values of `last` where these are of this benchmark, else the defaults."""
    last = last if isinstance(last, benchmark.options) else None
    return [
        _field(option, getattr(last, option.name) if last else option.default)
        for option in described(benchmark.options)
    ]


def option_values(form: Widget, benchmark: Benchmark) -> Iterator[tuple[str, Scalar]]:
    """The values of the fields in a form, by the name of the option.

    Raises:
        ConfigError: a value is none of the option.
    """
    for option in described(benchmark.options):
        field = next(each for each in form.query(f"#{_id(option)}") if isinstance(each, SelectField | TextField))
        yield option.name, option.parse(field.value)


def _id(option: Option) -> str:
    return f"option-{option.name}"


def _field(option: Option, value: Scalar) -> Widget:
    hint = f"{option.help} {option.expected[:1].upper()}{option.expected[1:]}."
    if option.kind is bool:
        return SelectField(option.label, (_NO, _YES), _id(option), chosen=_YES if value else _NO, hint=hint)
    if option.choices:
        return SelectField(option.label, option.choices, _id(option), chosen=str(value), hint=hint)
    return TextField(option.label, str(value), _id(option), hint=hint)
