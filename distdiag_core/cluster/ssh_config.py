"""What the configuration of OpenSSH on this machine says about one host.

`~/.ssh/config` comes before `/etc/ssh/ssh_config`, and for each keyword the first value counts, but for those of which
all count. Only keywords that decide how a host is reached are read. A line that makes no sense is passed over with a
note, but for one that leaves open where to connect.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.cluster import ssh_config_file, ssh_tokens
from distdiag_core.cluster.ssh_tokens import TokenError
from distdiag_core.errors import quoted

if TYPE_CHECKING:
    from distdiag_core.cluster.ssh_config_file import ConfigLine

SYSTEM_FILE = Path("/etc/ssh/ssh_config")
DEFAULT_PORT = 22
_DEEPEST_INCLUDE = 16
_EXEC_S = 10.0

_FIRST = frozenset(
    [
        "hostname",
        "user",
        "port",
        "hostkeyalias",
        "identitiesonly",
        "identityagent",
        "proxyjump",
        "proxycommand",
        "addressfamily",
        "bindaddress",
        "ciphers",
        "macs",
        "kexalgorithms",
        "hostkeyalgorithms",
        "pubkeyacceptedalgorithms",
        "userknownhostsfile",
        "globalknownhostsfile",
        "canonicalizehostname",
        "canonicaldomains",
        "canonicalizemaxdots",
        "tag",
        "knownhostscommand",
        "proxyusefdpass",
    ]
)
_ALL = frozenset({"identityfile", "certificatefile"})
_ALIASES = {"pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms"}
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


class SshConfigError(ValueError):
    """A line without which nobody knows where to connect; `str()` names file and line."""


@dataclass(slots=True)
class HostConfig:
    """What is said about one host, and by which lines.

    Attributes:
        host: where to connect.
        notes: what was passed over, with file and line.
    """

    original: str
    host: str
    user: str
    port: int
    first: dict[str, ConfigLine] = field(default_factory=dict)
    all: dict[str, list[ConfigLine]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def note(self, line: ConfigLine, why: str) -> None:
        """Remember that `line` was passed over."""
        text = f"{line.place}: {line.keyword} passed over: {why}"
        if text not in self.notes:
            self.notes.append(text)

    def word(self, keyword: str) -> str | None:
        """The value of `keyword`; None where it has none, or `none`."""
        line = self.first.get(keyword)
        value = line.words[0] if line is not None and line.words else None
        return None if value is None or value.lower() == "none" else value

    def flag(self, keyword: str) -> bool:
        """Whether `keyword` says yes."""
        return _FLAGS.get((self.word(keyword) or "no").lower(), False)

    def files(self, keyword: str) -> list[Path] | None:
        """The files that the first line of `keyword` names; None where there is no such line."""
        line = self.first.get(keyword)
        if line is None:
            return None
        return [path for word in line.words or () if (path := self.file(line, word)) is not None]

    def file(self, line: ConfigLine, word: str) -> Path | None:
        """The file that `word` of `line` names; None, and a note, where it cannot be told which."""
        if word.lower() == "none":
            return None
        try:
            return ssh_tokens.expand_file(word, self.tokens)
        except TokenError as error:
            self.note(line, str(error))
            return None


def resolve(host: str, *, user: str | None = None, port: int | None = None) -> HostConfig:
    """What OpenSSH would do for `host`, as a person types it; a `user` and a `port` that are given win.

    It reads files and may run commands (`Match exec`), and so blocks.

    Raises:
        SshConfigError: a line that says no port.
    """
    reading = _Reading(host, user, port)
    reading.read_all()
    if canonical := _canonical(reading.config):
        reading.canonical = True
        reading.config.host = reading.matched_host = canonical
    if reading.canonical or reading.wants_final:
        reading.final = True
        reading.read_all()
    return reading.completed()


class _Reading:
    def __init__(self, host: str, user: str | None, port: int | None) -> None:
        self.config = HostConfig(host, host, user or "", port or 0)
        self.canonical = self.final = self.wants_final = False
        self.matched_host = host
        self._user, self._port = user, port

    def read_all(self) -> None:
        for path, home in ((Path("~/.ssh/config").expanduser(), Path("~/.ssh").expanduser()), (SYSTEM_FILE, None)):
            self._read(path, home or SYSTEM_FILE.parent, active=True, depth=0)

    def completed(self) -> HostConfig:
        config = self.config
        config.user = self._user_name()
        config.port = self._port or _port(config.first.get("port"))
        config.host = self._host()
        config.tokens = self._tokens()
        return config

    def _read(self, path: Path, relative_to: Path, *, active: bool, depth: int) -> None:
        try:
            lines = ssh_config_file.read(path)
        except FileNotFoundError:
            return
        except OSError as error:
            self.config.notes.append(f"{path} passed over: it cannot be read: {error.strerror}")
            return
        matching = active
        for line in lines:
            if line.keyword == "host":
                matching = active and _matches_any(line.words or (), self.config.original)
            elif line.keyword == "match":
                matching = active and self._matches(line)
            elif not matching:
                continue
            elif line.keyword == "include":
                self._include(line, relative_to, depth)
            else:
                self._take(line)

    def _include(self, line: ConfigLine, relative_to: Path, depth: int) -> None:
        if depth == _DEEPEST_INCLUDE:
            self.config.note(line, "files include one another without end")
            return
        for pattern in line.words or ():
            path = Path(pattern).expanduser()
            root = Path(path.anchor) if path.is_absolute() else relative_to
            for found in sorted(root.glob(str(path.relative_to(root)) if path.is_absolute() else pattern)):
                self._read(found, relative_to, active=True, depth=depth + 1)

    def _take(self, line: ConfigLine) -> None:
        keyword = _ALIASES.get(line.keyword, line.keyword)
        if keyword not in _FIRST and keyword not in _ALL:
            return
        if not line.words:
            self.config.note(line, "it has no value" if line.words is not None else "a quote has no end")
        elif keyword in _ALL:
            of_it = self.config.all.setdefault(keyword, [])
            if all(line.words != each.words for each in of_it):
                of_it.append(line)
        elif keyword not in self.config.first and not self._jump_is_settled(keyword):
            if keyword == "port":
                _port(line)
            self.config.first[keyword] = line

    def _jump_is_settled(self, keyword: str) -> bool:
        ways = {"proxyjump", "proxycommand"}
        return keyword in ways and bool(ways & self.config.first.keys())

    def _host(self) -> str:
        line = self.config.first.get("hostname")
        if line is None or not line.words or self.canonical:
            return self.matched_host
        try:
            return ssh_tokens.expand(line.words[0], {"h": self.config.original, "%": "%"})
        except TokenError as error:
            self.config.note(line, str(error))
            return self.matched_host

    def _matches(self, line: ConfigLine) -> bool:
        words = list(line.words or ())
        matching = bool(words)
        while words:
            name = words.pop(0)
            negated, name = name.startswith("!"), name.removeprefix("!").lower()
            name, equals, argument = name.partition("=")
            if name in {"all", "canonical", "final"}:
                self.wants_final |= name == "final"
                holds = {"all": True, "canonical": self.canonical, "final": self.final}[name]
            elif not equals and not words:
                self.config.note(line, f"{name} has no value")
                return False
            else:
                held = self._criterion(name, argument if equals else words.pop(0), matching=matching)
                if held is None:
                    self.config.note(line, f"the condition {name} is not known")
                    return False
                holds = held
            matching = matching and holds != negated
        return matching

    def _criterion(self, name: str, argument: str, *, matching: bool) -> bool | None:
        config = self.config
        values = {
            "host": self._host(),
            "originalhost": config.original,
            "user": self._user_name(),
            "localuser": ssh_tokens.local_user_name(),
            "tagged": config.word("tag") or "",
            "command": "",
            "sessiontype": "exec",
        }
        if name == "exec":
            # Commands of conditions that cannot hold any more are not run, as ssh does not.
            return matching and self._runs(argument)
        if name == "localnetwork":
            return False
        return _matches_any(argument.split(","), values[name]) if name in values else None

    def _user_name(self) -> str:
        return self._user or self.config.word("user") or ssh_tokens.local_user_name()

    def _tokens(self) -> dict[str, str]:
        return ssh_tokens.tokens(
            host=self._host(),
            original=self.config.original,
            port=self._port or _port(self.config.first.get("port")),
            user=self._user_name(),
            alias=self.config.word("hostkeyalias"),
            jump=self.config.word("proxyjump"),
        )

    def _runs(self, command: str) -> bool:
        shell = os.environ.get("SHELL") or "/bin/sh"
        try:
            line = ssh_tokens.expand(command, self._tokens())
            done = subprocess.run(
                [shell, "-c", line],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_EXEC_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired, TokenError) as error:
            self.config.notes.append(f"Match exec {quoted(command)} is taken for false: {error}")
            return False
        return done.returncode == 0


def _port(line: ConfigLine | None) -> int:
    if line is None or not line.words:
        return DEFAULT_PORT
    word = line.words[0]
    try:
        port = int(word) if word.isdecimal() else socket.getservbyname(word, "tcp")
    except OSError:
        port = 0
    if not 1 <= port <= 65_535:
        raise SshConfigError(f"{line.place}: Port {quoted(word)} is no port, 1 to 65535")
    return port


def _matches_any(patterns: list[str] | tuple[str, ...], value: str) -> bool:
    """Whether a pattern matches, and none that begins with `!` does."""
    found = False
    for pattern in patterns:
        if re.fullmatch(_regex(pattern.removeprefix("!")), value, re.DOTALL):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _regex(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)


def _canonical(config: HostConfig) -> str | None:
    wanted = (config.word("canonicalizehostname") or "no").lower()
    domains = config.first.get("canonicaldomains")
    if wanted not in {"yes", "true", "always"} or domains is None or "hostname" in config.first:
        return None
    most = config.word("canonicalizemaxdots") or "1"
    if not most.isdecimal() or config.host.count(".") > int(most):
        return None
    for domain in domains.words or ():
        name = f"{config.host}.{domain}"
        try:
            socket.getaddrinfo(name, None)
        except (OSError, UnicodeError):
            continue
        return name
    return None
