"""Random text (clauses 4.3.2.2 to 4.3.2.8), of letters and digits alone, so that it needs no quoting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# Random bytes are mapped to characters; those above the largest multiple of 62 are dropped, since otherwise some
# characters would be more likely.
_KEPT = 256 - 256 % len(_ALPHABET)
_CHARACTERS = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_DROPPED = bytes(range(_KEPT, 256))
_SYLLABLES = ("BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING")
_ORIGINAL = "ORIGINAL"


def a_string(random: Random, shortest: int, longest: int) -> str:
    """Random letters and digits (clause 4.3.2.2)."""
    length = random.randint(shortest, longest) if shortest < longest else shortest
    text = b""
    while len(text) < length:
        text += random.randbytes(length + length // 16 + 8).translate(_CHARACTERS, _DROPPED)
    return text[:length].decode("ascii")


def n_string(random: Random, length: int) -> str:
    """Random digits (clause 4.3.2.2)."""
    return f"{random.randrange(10**length):0{length}d}"


def last_name(number: int) -> str:
    """The last name of `number`, 0 to 999: a syllable for each of its three digits (clause 4.3.2.3)."""
    return _SYLLABLES[number // 100] + _SYLLABLES[number // 10 % 10] + _SYLLABLES[number % 10]


def zip_code(random: Random) -> str:
    """Four random digits and 11111 (clause 4.3.2.7)."""
    return f"{n_string(random, 4)}11111"


def data(random: Random) -> str:
    """Text for I_DATA and S_DATA, a tenth of which contains ORIGINAL (clause 4.3.3.1)."""
    text = a_string(random, 26, 50)
    if random.randrange(10):
        return text
    at = random.randint(0, len(text) - len(_ORIGINAL))
    return text[:at] + _ORIGINAL + text[at + len(_ORIGINAL) :]
