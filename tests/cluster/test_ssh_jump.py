"""Jump hosts in all the forms that `ssh -J` takes."""

from __future__ import annotations

import pytest

from distdiag_core.cluster import ssh_jump
from distdiag_core.cluster.ssh_jump import Hop


@pytest.mark.parametrize(
    ("text", "hops"),
    [
        ("jump", [Hop("jump")]),
        ("op@jump:2222", [Hop("jump", "op", 2222)]),
        ("jump:22", [Hop("jump", None, 22)]),
        ("[::1]:22022", [Hop("::1", None, 22022)]),
        ("op@[fe80::1%eth0]", [Hop("fe80::1%eth0", "op")]),
        ("2001:db8::1", [Hop("2001:db8::1")]),
        ("op@::1", [Hop("::1", "op")]),
        ("ssh://jump", [Hop("jump")]),
        ("ssh://op@jump:2222/", [Hop("jump", "op", 2222)]),
        ("SSH://op@[::1]:2222", [Hop("::1", "op", 2222)]),
        ("a, op@b:1 ,[::1]:3", [Hop("a"), Hop("b", "op", 1), Hop("::1", None, 3)]),
        ("none", []),
    ],
)
def test_form_that_ssh_takes(text: str, hops: list[Hop]) -> None:
    assert list(ssh_jump.parse(text)) == hops
    assert list(ssh_jump.parse(",".join(map(str, hops)) or "none")) == hops


@pytest.mark.parametrize(
    "text", ["", "a,", "op@", ":22", "a:", "a:b", "a b", "-oProxyCommand=x", "http://a", "[::1", "a/b"]
)
def test_other_form_is_refused_with_what_is_wanted(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no jump host; it is written user@host:port, \[IPv6 address\]:port or"):
        ssh_jump.parse(text)


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match=r"must be 1 to 65535"):
        ssh_jump.parse(f"a:{port}")
