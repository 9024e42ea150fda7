"""A user agent string taken apart, before any of our own rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """The string and what ua-parser's rules (uap-core) say about it.

    Families are uap-core's names, `""` where it knows none. Versions are full.
    """

    text: str = ""
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""
    brand: str = ""
    model: str = ""
    is_bot: bool = False
