"""The ring of encryption keys: the first one writes, all of them read."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from math import log2

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from sessions_hub.conf import conf

# What the text of a key has to hold at least: AES-256 is as strong as what feeds it.
KEY_BITS = 256
# A random text of that strength repeats itself, but not like this.
_FEWEST_CHARACTERS = 8
_ALPHABETS = ((re.compile(r"[0-9]*"), 10), (re.compile(r"[0-9a-f]*|[0-9A-F]*"), 16))
_PRINTABLE = 64
_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the ring. `id` names it in ciphertexts and says nothing of it."""

    id: str
    _text: str = field(repr=False)

    def derive(self, *context: str) -> bytes:
        """32 bytes of its own for each context (HKDF with SHA-256, RFC 5869)."""
        return _derive(self._text, 32, *context)


@sensitive_variables()
def key_of(text: str) -> Key:
    """The key a text of the setting stands for."""
    return Key(encoded(_derive(text, _ID_BYTES, "key id")), text)


@sensitive_variables()
def key_ring() -> tuple[Key, ...]:
    """The keys of SESSIONS_HUB_ENCRYPTION_KEYS; empty where there are none.

    Raises ImproperlyConfigured for a key that is too weak, which a server that runs
    no system checks would not learn otherwise.
    """
    texts = tuple(conf.SESSIONS_HUB_ENCRYPTION_KEYS)
    if any(is_weak(text) for text in texts):
        raise ImproperlyConfigured("A key of SESSIONS_HUB_ENCRYPTION_KEYS is too short.")
    return tuple(key_of(text) for text in texts)


@sensitive_variables()
def is_weak(text: object) -> bool:
    """Whether a text cannot hold KEY_BITS bits of randomness.

    64 hexadecimal digits can, and so can the 43 characters of `secrets.token_urlsafe(32)`.
    """
    if not isinstance(text, str) or len(set(text)) < _FEWEST_CHARACTERS:
        return True
    size = next((size for pattern, size in _ALPHABETS if pattern.fullmatch(text)), _PRINTABLE)
    return len(text) * log2(size) < KEY_BITS


def framed(*parts: str) -> bytes:
    """The parts with their lengths before them: no two lists of parts are the same bytes."""
    message = bytearray()
    for part in ("sessions_hub", *parts):
        encoded_part = part.encode("utf-8", "surrogatepass")
        message += len(encoded_part).to_bytes(4, "big") + encoded_part
    return bytes(message)


def encoded(value: bytes) -> str:
    """base64url without padding (RFC 4648 §5)."""
    return urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


@sensitive_variables()
def _derive(text: str, length: int, *context: str) -> bytes:
    # Not with the module: a part of what a process costs at its start, and most sites keep
    # no such secret.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = framed("encryption", *context)
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(
        text.encode("utf-8", "surrogatepass")
    )
