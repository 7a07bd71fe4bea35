"""TLS to a database: its settings, and the certificates that a connection needs."""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import pydantic.dataclasses
from pydantic import BeforeValidator

from distdiag_core.errors import UnreachableError
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS, Example, Text

_CERTIFICATES = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----.+?-----END (?:[A-Z]+ )?PRIVATE KEY-----", re.DOTALL)
_ALLOWED = "identity, ca or none"
_CHECKS: dict[object, str] = {True: "identity", False: "none"}
_LOCKED = ("BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED")
# A bundle of all public authorities has a quarter of a megabyte.
_MOST_BYTES = 4 << 20


@pydantic.dataclasses.dataclass(frozen=True, slots=True, config=SETTINGS)
class TlsSettings:
    """How the databases are reached by TLS."""

    ca: Annotated[Text | None, Example("~/.distdiag/ca.pem")] = None
    """The certificate of the authority that signed those of the servers, PEM. Without it: those that this machine
    trusts."""
    cert: Annotated[Text | None, Example("~/.distdiag/client-cert.pem")] = None
    """The certificate of this client, PEM, for servers or accounts that want one."""
    key: Annotated[Text | None, Example("~/.distdiag/client-key.pem")] = None
    """The private key of cert, PEM, without a passphrase. Without it: the file cert holds both."""
    verify: Annotated[
        Literal["identity", "ca", "none"], BeforeValidator(lambda value: _CHECKS.get(value, value)), Words(_ALLOWED)
    ] = "identity"
    """identity: the authority and the host's name are checked; ca: the authority alone; none: nothing, so that anybody
    on the way can be the server."""


def section_of(value: object) -> object:
    """The section that `tls: true` and `tls: false` stand for."""
    if isinstance(value, bool):
        return {} if value else None
    return value


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificates and the checks of a connection; texts instead of files, since programs on other hosts use it.

    Attributes:
        host: the name or address that the server's certificate has to have.
        ca: PEM; empty for the authorities that the machine trusts.
        client: certificate and private key, PEM; empty for none.
    """

    host: str
    verify: str = "identity"
    ca: str = ""
    client: str = field(default="", repr=False)

    def context(self) -> ssl.SSLContext:
        """The context of a connection.

        Raises:
            ssl.SSLError: a certificate or the key cannot be used.
        """
        return _context(self)


# Thousands of terminals of a benchmark connect with the same certificates.
@lru_cache(maxsize=64)
def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=tls.ca or None)
    # Certificates that MySQL makes for itself miss fields that the strict check of newer Pythons wants; and an
    # authority that the operator names is trusted whether or not another one has signed it.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = tls.verify == "identity"
    context.verify_mode = ssl.CERT_NONE if tls.verify == "none" else ssl.CERT_REQUIRED
    if tls.client:
        _load_client(context, tls.client)
    return context


def read(settings: TlsSettings, host: str) -> Tls:
    """The certificates in the files of `settings`, for connections to `host`.

    Raises:
        UnreachableError: a file cannot be used; it is named with its key.
    """
    ca = _certificates("ca", settings.ca) if settings.ca is not None else ""
    client = ""
    if settings.cert is not None:
        client = f"{_certificates('cert', settings.cert)}\n{_private_key(settings)}\n"
    # The zone of a link-local address is this machine's own.
    made = Tls(host.partition("%")[0], settings.verify, ca, client)
    try:
        made.context()
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise UnreachableError(
                f"sql.tls.key: {settings.key or settings.cert}: is not the key of the certificate {settings.cert}"
            ) from error
        names = ", ".join(f"{key} {path}" for key, path in (("ca", settings.ca), ("cert", settings.cert)) if path)
        raise UnreachableError(f"sql.tls: the certificates cannot be used: {_reason(error)} ({names})") from error
    return made


def _load_client(context: ssl.SSLContext, text: str) -> None:
    # The library reads files alone, and a private key that came through a pipe is not to lie on a disk.
    memory = os.memfd_create("client")
    try:
        os.write(memory, text.encode("ascii"))
        context.load_cert_chain(f"/proc/self/fd/{memory}", password=_nobody_to_ask)
    finally:
        os.close(memory)


def _nobody_to_ask() -> str:
    # Without this the library asks the terminal.
    raise ssl.SSLError(0, "the key has a passphrase")


def _certificates(key: str, path: str) -> str:
    text = _text(key, path)
    found = _CERTIFICATES.findall(text)
    if not found:
        raise UnreachableError(
            f"sql.tls.{key}: {path}: holds no certificate in the form PEM",
            hint=f"name another file, or convert it: openssl x509 -inform der -in {path}",
        )
    return "\n".join(found)


def _private_key(settings: TlsSettings) -> str:
    key, path = ("key", settings.key) if settings.key is not None else ("cert", settings.cert or "")
    text = _text(key, path)
    if any(mark in text for mark in _LOCKED):
        raise UnreachableError(
            f"sql.tls.{key}: {path}: the private key has a passphrase, which nobody can be asked for here",
            hint="name a key without one, which only your account can read: openssl pkey -in KEY -out NEW",
        )
    if (found := _KEY.search(text)) is None:
        raise UnreachableError(
            f"sql.tls.{key}: {path}: holds no private key in the form PEM", hint="name its file in sql.tls.key"
        )
    return found.group()


def _text(key: str, path: str) -> str:
    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreachableError(f"sql.tls.{key}: {path}: cannot be read: {why}") from error
    if len(content) > _MOST_BYTES:
        raise UnreachableError(f"sql.tls.{key}: {path}: is too large for certificates")
    return content.decode("latin-1")


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
