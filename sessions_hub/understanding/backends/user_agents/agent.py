"""A user agent string taken apart, before any of our own rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

# An ordinary browser, at whose sight no list of bots needs to be gone through.
_PLAIN = re.compile(
    r"Mozilla/5\.0 \((?:Windows NT|Macintosh|X11|Linux|Android|iPhone|iPad)[^()@+]*\)"
    r"(?: (?:AppleWebKit|Gecko|Version|Chrome|Mobile|Safari|Firefox|EdgA?|OPR|SamsungBrowser"
    r"|CriOS|FxiOS)(?:/[\w.]+)?| \(KHTML, like Gecko\))+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWords:
    """What uap-core's rules for devices say: brand, model, and whether it is a spider."""

    brand: str = ""
    model: str = ""
    is_spider: bool = False


@dataclass(frozen=True, kw_only=True)
class Agent:
    """The string and what ua-parser's rules (uap-core) say about it.

    Families are uap-core's names, `""` where it knows none. Versions are full. The
    rules for devices are most of uap-core, and are gone through only when something
    asks for their answer.
    """

    text: str = ""
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    ask_for_device: Callable[[], DeviceWords] = DeviceWords

    @cached_property
    def is_plain(self) -> bool:
        """True for nothing but the usual words of a browser."""
        return _PLAIN.fullmatch(self.text) is not None and "http" not in self.text.lower()

    @cached_property
    def is_bot(self) -> bool:
        """Whether uap-core knows it for a spider, as which no plain browser is known."""
        return not self.is_plain and self._device.is_spider

    @property
    def brand(self) -> str:
        """The device's brand in uap-core's spelling."""
        return self._device.brand

    @property
    def model(self) -> str:
        """The device's model in uap-core's spelling."""
        return self._device.model

    @cached_property
    def _device(self) -> DeviceWords:
        return self.ask_for_device()
