"""What went wrong with a connection by TLS, in plain words: what was found, and what to correct."""

from __future__ import annotations

import ssl
import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID
from pymysql.constants import CLIENT

from distdiag_core.errors import UnreachableError, quoted

if TYPE_CHECKING:
    import socket

    from distdiag_core.cluster.tls import Tls

# Codes of OpenSSL's verification.
_NOT_YET_VALID = 9
_EXPIRED = 10
_OTHER_NAMES = (62, 64)
_NO_ISSUER = (2, 18, 19, 20, 21)
_NO_COMMON_VERSION = ("UNSUPPORTED_PROTOCOL", "WRONG_VERSION_NUMBER", "PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE")
_WANTS_CERTIFICATE = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE")
_REFUSES_CERTIFICATE = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "CERTIFICATE_EXPIRED", "DECRYPT_ERROR")
_LARGEST_GREETING = 4096
_LARGEST_PACKET = 1 << 24
_UTF8MB4 = 45
_NAMES_SHOWN = 6


def of(error: BaseException | None) -> ssl.SSLError | None:
    """The failure of TLS that an error of the client library comes from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLError):
            return error
        seen.add(id(error))
        error = getattr(error, "original_exception", None) or error.__cause__ or error.__context__
    return None


def refused(error: ssl.SSLError, tls: Tls) -> UnreachableError:
    """Why the two sides did not come to an agreement, where that is not for the certificate of the server."""
    reason = error.reason or ""
    said = reason.replace("_", " ").lower() or str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return UnreachableError(f"the certificate of the database cannot be verified: {error.verify_message}")
    if reason.endswith(_NO_COMMON_VERSION):
        return UnreachableError(
            f"this machine and the database have no version of TLS in common ({said})",
            hint="allow TLS 1.2 or newer there (OceanBase: sql_protocol_min_tls_version)",
        )
    if reason.endswith(_REFUSES_CERTIFICATE) and tls.client:
        return UnreachableError(
            f"the database does not accept the client certificate sql.tls.cert ({said})",
            hint="name one that is signed by the authority which the database trusts, and has not expired",
        )
    if isinstance(error, ssl.SSLEOFError) or (reason.endswith(_WANTS_CERTIFICATE) and not tls.client):
        return broken_off(tls, said)
    return UnreachableError(f"TLS with the database failed: {said}")


def broken_off(tls: Tls, said: str) -> UnreachableError:
    """Why a database may close the connection before the login is over."""
    if tls.client:
        return UnreachableError(
            f"the database broke off the login by TLS, as it does where it does not accept sql.tls.cert ({said})",
            hint="the log of the database says why",
        )
    return UnreachableError(
        f"the database broke off the login by TLS, as it does where it wants a client certificate ({said})",
        hint="name one in sql.tls.cert and sql.tls.key, or see the log of the database",
    )


def unverified(error: ssl.SSLCertVerificationError, tls: Tls, der: bytes | None) -> UnreachableError:
    """What the certificate `der` of a server is, and why it was not accepted."""
    if der is None:
        return refused(error, tls)
    try:
        found = x509.load_der_x509_certificate(der)
        what, hint = _found(error, tls, found)
    except ValueError:
        return UnreachableError(f"the certificate of the database is damaged: {error.verify_message}")
    return UnreachableError(f"the certificate of the database cannot be verified: {what}", hint=hint)


def _found(error: ssl.SSLCertVerificationError, tls: Tls, found: x509.Certificate) -> tuple[str, str]:
    code = error.verify_code
    signer = _name(found.issuer)
    if code == _EXPIRED and found.not_valid_after_utc < datetime.now(UTC):
        return f"it expired on {found.not_valid_after_utc:%Y-%m-%d %H:%M} UTC", "renew it on the node"
    if code == _NOT_YET_VALID and found.not_valid_before_utc > datetime.now(UTC):
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
        begins = f"it is valid from {found.not_valid_before_utc:%Y-%m-%d %H:%M} UTC, and here it is {now}"
        return begins, "set the clock of the machine that is wrong"
    if code in _OTHER_NAMES:
        common = _name(found.subject)
        names = ", ".join(_names(found)) or f"no host (its subject, {common}, is no name that clients look at)"
        what = f"it is for {names}, and the cluster file reaches for {tls.host}"
        hint = "write a name of the certificate as host, or have one made that has this name (subjectAltName)"
        if tls.ca:
            hint += "; where the authority in sql.tls.ca signs for these nodes alone, verify: ca does not ask for names"
        return what, hint
    if code in _NO_ISSUER:
        signed = f"it is signed by {signer}" if found.issuer != found.subject else f"{signer} has signed it itself"
        if tls.ca:
            return (
                f"{signed}, which is not in the file sql.tls.ca",
                "name the certificate of the authority that has signed it",
            )
        return (
            f"{signed}, which this machine does not trust",
            "get the certificate of that authority from whoever runs the database, and name its file in sql.tls.ca",
        )
    return f"{error.verify_message} (it is for {', '.join(_names(found)) or _name(found.subject)}, by {signer})", ""


def _names(found: x509.Certificate) -> list[str]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    dns = names.get_values_for_type(x509.DNSName)
    every = [*dns, *map(str, names.get_values_for_type(x509.IPAddress))]
    return [*every[:_NAMES_SHOWN], *(["..."] if len(every) > _NAMES_SHOWN else [])]


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return quoted(str(common[0].value) if common else name.rfc4514_string())


def presented(connected: socket.socket, timeout_s: float) -> bytes | None:
    """The certificate that a MySQL server presents, in DER; nothing is said to it before or after. Blocks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with connected:
            connected.settimeout(timeout_s)
            (size,) = struct.unpack("<I", _exactly(connected, 3) + b"\0")
            _exactly(connected, 1 + min(size, _LARGEST_GREETING))
            flags = CLIENT.CAPABILITIES | CLIENT.SSL
            connected.sendall(b"\x20\0\0\x01" + struct.pack("<IIB23x", flags, _LARGEST_PACKET, _UTF8MB4))
            with context.wrap_socket(connected) as wrapped:
                return wrapped.getpeercert(binary_form=True)
    except OSError:
        return None


def _exactly(connected: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = connected.recv(size - len(content))
        if not part:
            raise ConnectionResetError
        content += part
    return content
