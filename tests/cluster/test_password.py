"""Where a password comes from, and that it goes nowhere else."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import password
from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from pathlib import Path


async def test_without_a_source_it_is_empty() -> None:
    assert await PasswordSource(SqlSettings()).get() == ""


async def test_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP", "opensesame")
    source = PasswordSource(SqlSettings(password_env="SHOP"))
    assert await source.get() == "opensesame"
    assert "opensesame" not in f"{source!r} {source.__dict__['_variable']}"


async def test_command_is_run_once_without_a_shell(tmp_path: Path) -> None:
    count = tmp_path / "count"
    source = PasswordSource(SqlSettings(password_command=f"sh -c 'echo >> {count}; echo \"$0\"' 'a $HOME b'"))
    assert [await source.get() for _ in range(3)] == ["a $HOME b"] * 3
    assert count.read_text(encoding="ascii") == "\n"


async def test_doubted_or_failing_command_is_run_again_but_not_at_every_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = tmp_path / "count"
    for ending, gives in (("echo word", nullcontext()), ("exit 7", pytest.raises(AccountRefusedError, match="7"))):
        count.write_bytes(b"")
        source = PasswordSource(SqlSettings(password_command=f"sh -c 'echo >> {count}; {ending}'"))
        for _ in range(3):
            with gives:
                await source.get()
            source.forget()
        assert count.read_text(encoding="ascii") == "\n"
        with monkeypatch.context() as later:
            later.setattr(password, "_AGAIN_S", 0.0)
            with gives:
                await source.get()
        assert count.read_text(encoding="ascii") == "\n\n"


def test_nodes_with_the_same_source_share_it() -> None:
    commands = {"n1": "pass show shop", "n2": "pass show shop", "n3": "pass show other"}
    nodes = [NodeSettings(name, "h", sql=SqlSettings(password_command=said)) for name, said in commands.items()]
    found = password.of_nodes(nodes)
    assert found["n1"] is found["n2"]
    assert found["n1"] is not found["n3"]


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("sh -c 'echo secret; echo secret >&2; exit 7'", "password_command 'sh' ended with exit status 7"),
        ("no-such-program", "password_command 'no-such-program' cannot be started"),
        ("no\0program", "cannot be started: embedded null byte"),
    ],
)
async def test_failing_command_is_named_and_its_output_is_not(command: str, complaint: str) -> None:
    with pytest.raises(UnreachableError, match=complaint) as caught:
        await PasswordSource(SqlSettings(password_command=command)).get()
    assert "secret" not in str(caught.value)


async def test_command_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "_TIMEOUT_S", 0.2)
    with pytest.raises(UnreachableError, match=r"did not end within 0\.2 s"):
        await PasswordSource(SqlSettings(password_command="sleep 60")).get()
