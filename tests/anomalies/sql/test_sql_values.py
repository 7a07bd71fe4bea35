"""Names and passwords with SQL, quotes or shell in them stay what they are on their way to the database."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distdiag_core.anomalies import payload
from distdiag_core.anomalies.node.sql_session import Lease, quoted
from distdiag_core.cluster.account import SqlAccount
from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.password import PasswordSource

PRINTABLE = st.text(
    st.characters(exclude_categories=("C", "Z")).filter(str.isprintable) | st.sampled_from(" '\"\\`$;#")
)
_VARIABLE = "DISTDIAG_TEST_PASSWORD"


def _option_file(user: str, password: str) -> str:
    sql = SqlSettings(user=user, password_env=_VARIABLE)
    source = PasswordSource(sql)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(_VARIABLE, password)
        return asyncio.run(SqlAccount(NodeSettings("n1", "10.0.0.1", sql=sql), source).option_file())


@given(st.text())
def test_a_quoted_name_is_one_name(name: str) -> None:
    text = quoted(name)
    assert (text[0], text[-1]) == ("`", "`")
    # Every backtick inside is doubled, so that none of them ends the name.
    assert (text[1:-1] % ()).replace("``", "") == name.replace("`", "")
    assert text[1:-1].count("`") == 2 * name.count("`")


@given(st.text(), st.text())
def test_a_name_is_no_place_for_a_parameter(name: str, other: str) -> None:
    assert quoted(name) % () == quoted(name).replace("%%", "%")
    assert f"{quoted(name)} = %s" % (other,) == "`" + name.replace("`", "``") + "` = " + other


def test_a_dot_in_a_name_does_not_part_it() -> None:
    assert quoted("a.b", "c") == "`a.b`.`c`"


@settings(deadline=None)
@given(PRINTABLE, PRINTABLE)
def test_an_account_arrives_as_it_is(user: str, password: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "account").write_text(_option_file(user, password) + "\n", encoding="utf-8")
        account = Lease(directory).account()
    assert account == {"host": "127.0.0.1", "port": "2881", "user": user, "password": password}


def test_a_password_that_cannot_stand_in_a_file_is_refused_and_not_shown() -> None:
    with pytest.raises(AccountRefusedError, match="cannot be printed") as refused:
        _option_file("root", "top\nsecret")
    assert "secret" not in str(refused.value)


def test_an_account_does_not_show_its_password() -> None:
    sql = SqlSettings(user="root", password_command="echo s3cret")
    account = SqlAccount(NodeSettings("n1", "10.0.0.1", sql=sql), PasswordSource(sql))
    assert "s3cret" not in repr(account)


LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=40)


@given(st.dictionaries(st.sampled_from(["about", "run", "account"]), st.lists(LINES, max_size=5).map("\n".join)))
def test_files_travel_as_comments_and_run_nothing(files: dict[str, str]) -> None:
    text = payload.comments(files)
    assert all(line.startswith("#") for line in text.split("\n") if line)
    found: dict[str, list[str]] = {}
    for line in text.split("\n")[:-1]:
        if line.startswith("#="):
            found[line[2:]] = []
        else:
            found[list(found)[-1]].append(line[2:])
    assert {name: "\n".join(lines) for name, lines in found.items()} == files


def test_what_is_sent_along_runs_on_its_own(tmp_path: Path) -> None:
    for name in ("sql.py", "sql.zip.base64"):
        (tmp_path / name).write_text(payload.text_of(name), encoding="ascii")
    # Isolated: it finds nothing of ours, nor of what is installed.
    command = ["python3", "-I", "-S", str(tmp_path / "sql.py"), "--help"]
    done = subprocess.run(
        command, capture_output=True, check=True, text=True, env={"LEASE": str(tmp_path), "PATH": "/usr/bin:/bin"}
    )
    assert "lock" in done.stdout
