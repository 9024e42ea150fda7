"""Keyed digests of secrets that are compared but never read back.

HMAC-SHA256 (RFC 2104). Purpose and every part are length-prefixed, so two
purposes can never yield the same message.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from django.conf import settings
from django.utils.encoding import force_bytes

from sessions_hub.conf import conf

DEVICE = "device"
DJANGO_KEY = "django-key"
CREDENTIALS = "credentials"
ATTEMPTS = "attempts"
TOKEN = "token"  # noqa: S105 - a purpose


def digest(purpose: str, *parts: str) -> str:
    """The digest under the current key: 64 hexadecimal digits."""
    return _digest(_keys()[0], purpose, parts)


def digests(purpose: str, *parts: str) -> list[str]:
    """The digests under all keys, the current one first: what may be stored."""
    return [_digest(key, purpose, parts) for key in _keys()]


def digests_ever(purpose: str, *parts: str) -> list[str]:
    """`digests()`, and those under Django's keys: what was stored before the hub had its own.

    For a comparison that ends a session when nothing matches.
    """
    return [_digest(key, purpose, parts) for key in dict.fromkeys((*_keys(), *_django_keys()))]


def key_id() -> str:
    """What tells the current key from others: 16 hexadecimal digits, no part of the key."""
    return digest("key-id")[:16]


def _keys() -> list[bytes]:
    return [force_bytes(key) for key in conf.SESSIONS_HUB_HASH_KEYS] or _django_keys()


def _django_keys() -> list[bytes]:
    return [force_bytes(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _digest(key: bytes, purpose: str, parts: tuple[str, ...]) -> str:
    message = bytearray()
    for part in ("sessions_hub", purpose, *parts):
        encoded = part.encode("utf-8", "surrogatepass")
        message += len(encoded).to_bytes(4, "big") + encoded
    return hmac.new(key, message, sha256).hexdigest()
