"""Lines and answers, however the bytes were cut."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.cluster import lines
from distdiag_core.cluster.lines import LineReader
from distdiag_core.errors import DataError, UnreachableError


def reader(chunks: list[bytes]) -> LineReader:
    rest = [chunk for chunk in chunks if chunk]

    async def read(_most_bytes: int) -> bytes:
        return rest.pop(0) if rest else b""

    return LineReader(read, "n1: loop")


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


_line = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=12).filter(
    lambda line: line != "end 1"
)


@given(answer=st.lists(_line), later=st.lists(_line), size=st.integers(1, 50))
def test_answer_goes_up_to_its_end_mark(answer: list[str], later: list[str], size: int) -> None:
    text = "".join(f"{line}\n" for line in (*answer, "end 1", *later))

    async def read() -> None:
        source = reader(cut(text.encode(), size))
        assert await source.until("end 1") == "".join(f"{line}\n" for line in answer)
        assert [await source.line() for _ in later] == later
        assert await source.line() is None

    asyncio.run(read())


@given(data=st.binary(), size=st.integers(1, 50))
def test_any_bytes_are_lines(data: bytes, size: int) -> None:
    async def read() -> None:
        source, found = reader(cut(data, size)), 0
        while await source.line() is not None:
            found += 1
        assert found == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")

    asyncio.run(read())


async def test_end_mark_inside_a_line_is_none() -> None:
    with pytest.raises(UnreachableError, match="n1: loop: the program ended in the middle of its answer"):
        await reader([b"the end 1\nend 1 more\n"]).until("end 1")


async def test_endless_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_BYTES", 100)
    with pytest.raises(DataError, match="more than 100 bytes without an end"):
        await reader([b"x" * 60] * 3).until("end 1")
