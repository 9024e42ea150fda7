"""The answer header that asks browsers for client hints (RFC 8942)."""

from __future__ import annotations

HEADER = "Accept-CH"

# Chromium sends brand, "mobile" and platform unasked. These tell Windows 11 from 10,
# the model of a phone, and full versions; a browser that has been asked sends them
# with the next requests to this origin, over https only.
HINTS: tuple[str, ...] = (
    "Sec-CH-UA-Platform-Version",
    "Sec-CH-UA-Model",
    "Sec-CH-UA-Full-Version-List",
    "Sec-CH-UA-Form-Factors",
)


def with_hints(accepted: str) -> str:
    """The header's value `accepted`, with the hints it does not ask for appended."""
    asked = [name.strip() for name in accepted.split(",") if name.strip()]
    known = {name.lower() for name in asked}
    return ", ".join(asked + [name for name in HINTS if name.lower() not in known])
