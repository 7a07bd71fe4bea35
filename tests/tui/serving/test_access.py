"""Who may use a console in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError, RefusedError
from distdiag_core.exporter.access import Token, is_loopback
from distdiag_tui.serving.access import is_own_origin, token_for

if TYPE_CHECKING:
    from pathlib import Path

CHOSEN = "a-token-of-the-operator"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_a_loopback_address_gets_a_new_token_each_time(host: str) -> None:
    assert is_loopback(host)
    first, second = token_for(host, None, None), token_for(host, None, None)
    assert first.made
    assert first.text != second.text
    assert len(first.text) >= 32


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.11", "localhost.example.org", "localhost6", ""])  # noqa: S104 - refused
def test_any_other_address_is_refused_without_a_token(host: str) -> None:
    with pytest.raises(RefusedError, match=r"can be reached from the network, where a console needs a token.*ssh -L"):
        token_for(host, None, None)
    assert token_for(host, None, CHOSEN) == Token(CHOSEN)


def test_the_token_of_a_file_outranks_the_variable(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{CHOSEN}\n")
    assert token_for("0.0.0.0", file, "another-token-that-is-long") == Token(CHOSEN)  # noqa: S104
    for text in ("", "short", "with\x07a bell in the middle"):
        file.write_text(text)
        with pytest.raises(ConfigError, match="is too short a token, or none"):
            token_for("127.0.0.1", file, None)
    with pytest.raises(ConfigError, match="the token cannot be read"):
        token_for("127.0.0.1", tmp_path / "none", None)


@pytest.mark.parametrize("given", [None, "", CHOSEN[:-1], f"{CHOSEN}x", "ä\udc80"])
def test_only_the_whole_token_fits(given: str | None) -> None:
    assert Token(CHOSEN).fits(CHOSEN)
    assert not Token(CHOSEN).fits(given)


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (None, True),
        ("http://127.0.0.1:8000", True),
        ("http://127.0.0.1:9000", False),
        ("https://127.0.0.1:8000", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_pages_of_other_servers_are_told_by_their_origin(origin: str | None, own: bool) -> None:  # noqa: FBT001
    assert is_own_origin(origin, "http://127.0.0.1:8000") is own
