"""Secrets at rest: AES-256-GCM, each bound to the one place it was written for.

Stored as `v1.<key id>.<nonce>.<ciphertext>`, base64url. Every row's field has a key of
its own (HKDF), and its table, primary key, field and key id are authenticated with it
(NIST SP 800-38D): a ciphertext moved elsewhere does not decrypt. The nonce is 96 random
bits, good for 2^32 writes per key, and a key writes one field only.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Model
from django.views.decorators.debug import sensitive_variables

from .keys import Key, encoded, framed

_VERSION = "v1"
_KEY_ID_BYTES, _NONCE_BYTES, _TAG_BYTES = 8, 12, 16


class DecryptionFailed(Exception):
    """What is stored was changed, or written for another row or field; no value is told.

    `code` is a word for logs and counts.
    """

    code = "tampered"

    def __init__(self, message: str = "A stored secret failed its authentication.") -> None:
        super().__init__(message)


class UnknownKey(DecryptionFailed):
    """Written under a key that is not in SESSIONS_HUB_ENCRYPTION_KEYS; `key_id` names it."""

    code = "unknown_key"

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        super().__init__(f"No key of SESSIONS_HUB_ENCRYPTION_KEYS has the id {key_id}.")


class NotACiphertext(DecryptionFailed):
    """Nothing that `encrypt()` has written: plain text, or text that was cut."""

    code = "not_a_ciphertext"

    def __init__(self) -> None:
        super().__init__("What is stored is no ciphertext.")


class Place(NamedTuple):
    """Where a ciphertext lives; it is good nowhere else."""

    table: str
    pk: str
    field: str


def place_of(model: type[Model], pk: Any, field: str) -> Place:
    """The place of a field in a model's row."""
    return Place(model._meta.db_table, str(pk), field)


class _Parts(NamedTuple):
    key_id: str
    nonce: bytes
    ciphertext: bytes


@sensitive_variables()
def encrypt(secret: str, place: Place, key: Key) -> str:
    """The ciphertext of a secret, for this place."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    ciphertext = AESGCM(key.derive(*place)).encrypt(
        nonce, secret.encode("utf-8", "surrogatepass"), _bound_to(place, key)
    )
    return ".".join((_VERSION, key.id, encoded(nonce), encoded(ciphertext)))


@sensitive_variables()
def decrypt(stored: str, place: Place, ring: Iterable[Key]) -> str:
    """The secret that was encrypted for this place.

    Raises DecryptionFailed, or its UnknownKey or NotACiphertext: there is no other way
    out, so what is stored is never taken for the secret.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    parts = _parse(stored)
    # It may be plain text: from here on in no frame that an error tracker could look into.
    stored = ""
    if parts is None:
        raise NotACiphertext
    key = next((key for key in ring if key.id == parts.key_id), None)
    if key is None:
        raise UnknownKey(parts.key_id)
    try:
        secret = AESGCM(key.derive(*place)).decrypt(
            parts.nonce, parts.ciphertext, _bound_to(place, key)
        )
    except InvalidTag:
        raise DecryptionFailed from None
    return secret.decode("utf-8", "surrogatepass")


@sensitive_variables()
def key_id_of(stored: str) -> str:
    """The id of the key it was written under. Raises NotACiphertext."""
    parts = _parse(stored)
    stored = ""
    if parts is None:
        raise NotACiphertext
    return parts.key_id


def _bound_to(place: Place, key: Key) -> bytes:
    return framed(_VERSION, *place, key.id)


@sensitive_variables()
def _parse(stored: str) -> _Parts | None:
    """The parts of a ciphertext; None for any other text."""
    version, *rest = stored.split(".")
    if version != _VERSION or len(rest) != 3:
        return None
    key_id, nonce, ciphertext = map(_decoded, rest)
    if len(key_id) != _KEY_ID_BYTES or len(nonce) != _NONCE_BYTES or len(ciphertext) < _TAG_BYTES:
        return None
    return _Parts(rest[0], nonce, ciphertext)


@sensitive_variables()
def _decoded(text: str) -> bytes:
    """What base64url stands for; empty for what is none."""
    try:
        value = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, ValueError):
        return b""
    # One way to write each value: Python skips what is no base64, and the last bits.
    return value if encoded(value) == text else b""
