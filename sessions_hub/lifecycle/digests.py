"""Keyed digests of secrets that are compared but never read back.

HMAC-SHA256 (RFC 2104). Purpose and every part are length-prefixed, so two
purposes can never yield the same message.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

from django.conf import settings
from django.utils.encoding import force_bytes

from sessions_hub.conf import conf

DEVICE = "device"
DJANGO_KEY = "django-key"
CREDENTIALS = "credentials"
ATTEMPTS = "attempts"


def digest(purpose: str, *parts: str) -> str:
    """The digest under the current key: 64 hexadecimal digits."""
    return _digest(_keys()[0], purpose, parts)


def digests(purpose: str, *parts: str) -> list[str]:
    """The digests under all keys, the current one first: what may be stored."""
    return [_digest(key, purpose, parts) for key in _keys()]


def _keys() -> list[bytes]:
    keys: Sequence[str | bytes] = conf.SESSIONS_HUB_HASH_KEYS or (
        settings.SECRET_KEY,
        *settings.SECRET_KEY_FALLBACKS,
    )
    return [force_bytes(key) for key in keys]


def _digest(key: bytes, purpose: str, parts: tuple[str, ...]) -> str:
    message = bytearray()
    for part in ("sessions_hub", purpose, *parts):
        encoded = part.encode("utf-8", "surrogatepass")
        message += len(encoded).to_bytes(4, "big") + encoded
    return hmac.new(key, message, sha256).hexdigest()
