"""How a secret could show in a dump, on a page or in a log."""

from __future__ import annotations

from base64 import b64encode


def shown(secret: str) -> list[str]:
    """The secret itself, in hexadecimal, and in base64 wherever it begins there."""
    text = secret.encode()
    # The first and last characters depend on what stands around it.
    shifted = [b64encode(b"\0" * n + text)[4 : -4 if n else -5].decode() for n in range(3)]
    return [secret, text.hex(), *shifted]


def found_in(text: str, secrets: list[str]) -> list[str]:
    """The secrets that a text gives away."""
    return [one for one in secrets if any(way in text for way in shown(one))]
