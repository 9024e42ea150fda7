"""How a secret could show in a dump, on a page or in a log."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from html import escape
from urllib.parse import quote


@cache
def shown(secret: str) -> tuple[str, ...]:
    """The secret, its middle alone, and its plain digest, in every way they could be written.

    In hexadecimal, in base64 wherever it begins there, escaped for JSON, HTML, an address
    or as Python's repr of bytes.
    """
    text, digest = secret.encode(), sha256(secret.encode())
    # What is cut off at either end is still most of it.
    middle = secret[len(secret) // 4 : -len(secret) // 4] if len(secret) >= 32 else secret
    ways = [
        secret,
        middle,
        json.dumps(secret)[1:-1],
        escape(secret),
        quote(secret, safe=""),
        repr(text)[2:-1],
        secret[::-1],
        digest.hexdigest(),
        b64encode(digest.digest()).decode().rstrip("="),
        urlsafe_b64encode(digest.digest()).decode().rstrip("="),
        text.hex(),
        text.hex().upper(),
    ]
    for encode in (b64encode, urlsafe_b64encode):
        # The first and last characters depend on what stands around it.
        ways += [encode(b"\0" * n + text)[4 : -4 if n else -5].decode() for n in range(3)]
    return tuple(dict.fromkeys(ways))


def found_in(text: str, secrets: Iterable[str]) -> list[str]:
    """The secrets that a text gives away."""
    return [one for one in secrets if any(way in text for way in shown(one))]
