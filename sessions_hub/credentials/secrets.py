"""The secrets of API sessions: how one is made, and how one looks.

    shub_ + 43 digits of 256 random bits + 6 digits of a checksum, all in base 62

The prefix lets scanners of repositories and logs find a leaked one; the checksum tells
a mistyped or invented one before the database is asked. Pure.
"""

from __future__ import annotations

import re
import secrets
from string import ascii_letters, digits
from zlib import crc32

from sessions_hub.conf import conf

# ASVS 5.0 §7.2.3 asks for 128 bits of entropy; a UUID would not do (§11.5.1).
BITS = 256
_DIGITS = digits + ascii_letters
# As many digits as the largest values take.
_BODY, _CHECK = 43, 6
_WELL_FORMED = re.compile("[0-9A-Za-z]+")
# How much of a secret may be shown, to tell one from another.
HINT = 4


def new_secret() -> str:
    """A secret that nobody can guess. It is handed out once, and never stored."""
    body = _encode(int.from_bytes(secrets.token_bytes(BITS // 8), "big"), _BODY)
    return f"{_prefix()}{body}{_checksum(body)}"


def is_well_formed(text: str) -> bool:
    """Whether `text` can be a secret of this site: its prefix, its length, its checksum.

    Costs no query, whatever the text is.
    """
    prefix = _prefix()
    if len(text) != len(prefix) + _BODY + _CHECK or not text.startswith(prefix):
        return False
    rest = text[len(prefix) :]
    return bool(_WELL_FORMED.fullmatch(rest)) and _checksum(rest[:_BODY]) == rest[_BODY:]


def has_prefix(text: str) -> bool:
    """Whether `text` means to be one of this site's secrets, right or wrong."""
    return text.startswith(_prefix())


def hint_of(secret: str) -> str:
    """The last characters of a secret: digits of its checksum, which open nothing."""
    return secret[-HINT:]


def _prefix() -> str:
    return f"{conf.SESSIONS_HUB_TOKEN_PREFIX}_"


def _checksum(body: str) -> str:
    return _encode(crc32(body.encode()), _CHECK)


def _encode(number: int, length: int) -> str:
    found = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        found.append(_DIGITS[digit])
    return "".join(reversed(found))
