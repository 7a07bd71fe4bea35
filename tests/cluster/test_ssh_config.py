"""What OpenSSH's configuration says about a host: the same as `ssh -G` says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from distdiag_core.cluster import ssh_config, ssh_config_file
from distdiag_core.cluster.ssh_config import SshConfigError


@pytest.fixture(autouse=True)
def no_system_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ssh_config, "SYSTEM_FILE", tmp_path / "etc" / "ssh_config")


def wrote(home: Path, text: str | bytes, name: str = "config") -> Path:
    file = home / ".ssh" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


CONFIGS = {
    "first value wins": "Host db\n Port 1022\nHost *\n Port 2\n User op\n",
    "equals signs": "Host=db\n  Port = 1022\n  User=op\n  HostName =10.0.0.1\n",
    "quotes": 'Host "db"\n User "op er"\n IdentityFile "/a b/c"\n',
    "comments": "# a\n\n  # b\nHost db # c\n Port 1022 # d\n",
    "negation": "Host * !db\n Port 1\nHost d?\n Port 1022\n",
    "case of keywords": "HOST db\n pOrT 1022\n hostname 10.0.0.1\n",
    "carriage returns": "Host db\r\n Port 1022\r\n User op\r\n",
    "tabs": "Host\tdb\n\tPort\t1022\n",
    "times with units": "Host db\n ServerAliveInterval 1m\n ConnectTimeout 1m30s\n Port 1022\n",
    "token in the name": "Host db\n HostName %h.example.org\n",
    "match originalhost": "Match originalhost db\n Port 1022\nMatch host other\n Port 3\n",
    "match host after its name": "Host db\n HostName 10.0.0.1\nMatch host 10.0.0.*\n User op\n Port 1022\n",
    "match user": "Match user op\n Port 1022\nHost *\n User op\n",
    "match negated": "Match !host db\n Port 1\nMatch all\n Port 1022\n",
    "match exec": 'Match exec "test %n = db"\n Port 1022\nMatch exec false\n User no\n',
    "match final": "Match final host 10.0.0.1\n User op\nHost db\n HostName 10.0.0.1\n",
    "several identities": "Host *\n IdentityFile /a\nHost db\n IdentityFile /b\n IdentityFile /a\n",
    "port by name": "Host db\n Port https\n",
    "first of jump and command": "Host db\n ProxyJump a,b\n ProxyCommand nc %h %p\n",
    "none": "Host db\n ProxyJump none\nHost *\n ProxyJump a\n",
    "no newline at the end": "Host db\n  Port 1022",
    "keyword that nobody knows": "IgnoreUnknown Odd*\nOddKey 3 4\nHost db\n Port 1022\n",
}


@pytest.mark.parametrize("name", CONFIGS)
def test_it_is_read_as_ssh_reads_it(home: Path, name: str) -> None:
    if shutil.which("ssh") is None:
        pytest.skip("SSH CONFIGURATION NOT COMPARED: ssh is not installed")
    file = wrote(home, CONFIGS[name])
    done = subprocess.run(["ssh", "-F", file, "-G", "db"], capture_output=True, text=True, timeout=20, check=True)
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        keyword, _, value = line.partition(" ")
        said.setdefault(keyword, []).append(value)
    config = ssh_config.resolve("db")
    assert [config.host, str(config.port), config.user] == [said[key][0] for key in ("hostname", "port", "user")]
    ours = [line.words[0] for line in config.all.get("identityfile", ()) if line.words]
    if ours:
        assert ours == said["identityfile"]
    for keyword in ("proxyjump", "proxycommand"):
        assert config.word(keyword) == said.get(keyword, [None])[0]
    assert config.notes == []


def test_includes_are_found_beside_the_file_and_stay_inside_their_block(home: Path) -> None:
    wrote(home, "Host other\n Include conf.d/*\nHost db\n Include conf.d/*\n User op\n")
    wrote(home, "Port 1022\nHost elsewhere\n Port 3\n", "conf.d/1.conf")
    assert (ssh_config.resolve("db").port, ssh_config.resolve("db").user) == (1022, "op")
    assert ssh_config.resolve("third").port == 22


def test_files_that_include_one_another_end(home: Path) -> None:
    file = wrote(home, "Include config\nHost db\n Port 1022\n")
    config = ssh_config.resolve("db")
    assert config.port == 1022
    assert config.notes == [f"{file} line 1: include passed over: files include one another without end"]


def test_system_file_comes_after_the_users(home: Path) -> None:
    ssh_config.SYSTEM_FILE.parent.mkdir()
    ssh_config.SYSTEM_FILE.write_text("Host *\n Port 5\n User sys\n", encoding="ascii")
    wrote(home, "Host db\n Port 1022\n")
    config = ssh_config.resolve("db")
    assert (config.port, config.user) == (1022, "sys")


def test_bytes_that_are_no_utf8_are_nobodys_business(home: Path) -> None:
    wrote(home, b"\xef\xbb\xbf# caf\xe9\nHost db\n Port 1022 # \xff\n IdentityFile /k\xe9y\n")
    config = ssh_config.resolve("db")
    assert config.port == 1022
    assert config.file(config.all["identityfile"][0], "/k\udce9y") == Path("/k\udce9y")


def test_tokens_and_variables_of_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYS", "/keys")
    words = "%d/%h_%n_%p_%r_%% ${KEYS}/a ~/b ~nobody-at-all/c ${NOWHERE}/d %Z none"
    file = wrote(home, f"Host db\n HostName 10.0.0.1\n Port 1022\n User op\n UserKnownHostsFile {words}\n")
    config = ssh_config.resolve("db")
    assert config.files("userknownhostsfile") == [home / "10.0.0.1_db_1022_op_%", Path("/keys/a"), home / "b"]
    assert [note.removeprefix(f"{file} line 5: userknownhostsfile passed over: ") for note in config.notes] == [
        "it names the home of an account that does not exist",
        "the environment variable NOWHERE is not set",
        "the token %Z has no meaning there",
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('User "op', "user passed over: a quote has no end"),
        ("User", "user passed over: it has no value"),
        ("Match moon full\n Port 9", "match passed over: the condition moon is not known"),
        ("Match host", "match passed over: host has no value"),
    ],
)
def test_line_that_makes_no_sense_is_passed_over_with_its_place(home: Path, line: str, why: str) -> None:
    file = wrote(home, f"{line}\nHost *\n Port 1022\n")
    config = ssh_config.resolve("db")
    assert config.port == 1022
    assert config.notes == [f"{file} line 1: {why}"]


@pytest.mark.parametrize("port", ["many", "0", "70000", "22x"])
def test_port_that_is_none_is_refused_by_line(home: Path, port: str) -> None:
    file = wrote(home, f"\nPort {port}\n")
    with pytest.raises(SshConfigError, match=f"{file} line 2: Port '{port}' is no port"):
        ssh_config.resolve("db")


def test_unreadable_file_is_noted(home: Path) -> None:
    (home / ".ssh" / "config").mkdir()
    assert ssh_config.resolve("db").notes == [f"{home}/.ssh/config passed over: it cannot be read: Is a directory"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a b", ("a", "b")),
        ("'a b' \"c'd\"", ("a b", "c'd")),
        ('a"b c"d', ("ab cd",)),
        ("a#b #c", ("a#b",)),
        (r"a\ b \"c", ("a b", '"c')),
        ("'a", None),
        ("", ()),
        ("# only", ()),
    ],
)
def test_words_of_a_value(value: str, words: tuple[str, ...] | None) -> None:
    assert ssh_config_file.words_of(value) == words
