"""A user agent string → `Agent`, by the packages user-agents and ua-parser."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import ua_parser
from user_agents import parsers

from .agent import Agent, DeviceWords

_OTHER = "Other"
_PROGRAM = ua_parser.Domain.USER_AGENT | ua_parser.Domain.OS


class Reader:
    """user-agents filled from ua-parser's own API.

    By itself user-agents asks ua-parser's old API, which never uses the Rust or
    re2 resolver, and it drops the fourth part of versions.
    """

    def __call__(self, user_agent: str) -> Agent:
        """`user_agent` taken apart."""
        found = _Found(user_agent)
        return Agent(
            text=user_agent,
            browser=_family(found.browser.family),
            browser_version=_version(found.program.user_agent),
            os=_family(found.os.family),
            os_version=_version(found.program.os),
            ask_for_device=found.device_words,
        )


class _Found(parsers.UserAgent):  # type: ignore[misc]
    def __init__(self, text: str) -> None:
        self.ua_string = text
        # Not `ua_parser.parse`: that goes through the rules for devices, too.
        self.program = program = ua_parser.parser(text, _PROGRAM)
        system = program.os or ua_parser.OS(_OTHER)
        browser = program.user_agent or ua_parser.UserAgent(_OTHER)
        self.os = parsers.parse_operating_system(
            system.family, system.major, system.minor, system.patch, system.patch_minor
        )
        self.browser = parsers.parse_browser(
            browser.family, browser.major, browser.minor, browser.patch, browser.patch_minor
        )

    @cached_property
    def device(self) -> Any:
        found = ua_parser.parse_device(self.ua_string) or ua_parser.Device(_OTHER)
        return parsers.parse_device(found.family, found.brand, found.model)

    def device_words(self) -> DeviceWords:
        return DeviceWords(
            brand=self.device.brand or "",
            model=self.device.model or "",
            is_spider=self.is_bot,
        )


def _family(name: str) -> str:
    return "" if name == _OTHER else name


def _version(found: Any) -> str:
    if found is None:
        return ""
    parts = (found.major, found.minor, found.patch, found.patch_minor)
    return ".".join(part for part in parts if part)
