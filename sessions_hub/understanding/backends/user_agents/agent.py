"""A user agent string taken apart, before any of our own rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

_CPU = r"(?:x86_64|amd64|i[3-6]86(?: on x86_64)?|i86pc|aarch64|arm64|arm(?:v\d\w?)?|ppc(?:64)?)"
# What a browser says of a computer or a phone; a language tag, too.
_USUAL = (
    r"(?:Windows NT [\d.]+|Win64|WOW64|x64|ARM(?:64)?|Macintosh|(?:Intel|PPC) Mac OS X(?: [\d_.]+)?"
    rf"|X11|(?:Linux|FreeBSD|OpenBSD|NetBSD|SunOS)(?: {_CPU})?|arm(?:_64)?|CrOS {_CPU} [\d.]+"
    r"|Ubuntu|Fedora|Debian|iPhone|iPad|CPU (?:iPhone )?OS [\d_]+ like Mac OS X"
    r"|Xbox(?: One| Series X)?|Mobile|Tablet|Touch|U|[a-z]{2}(?:[-_][A-Za-z]{2})?|rv:[\d.]+)"
)
# The shape of an ordinary browser. The model of an Android device may be called anything.
_PLAIN = re.compile(
    rf"Mozilla/5\.0 \((?:(?=[WMXLi]){_USUAL}(?:; {_USUAL})*"
    r"|(?:Linux; )?(?:arm(?:_64)?; )?(?:U; )?Android(?: [\d.]+)?"
    # Possessive, or every word of a long row of them is a place to start again from.
    r"(?:; (?:Mobile|Tablet|K|wv|rv:[\d.]+)(?=[;)]))*+"
    r"(?P<model>(?:;[^()@+]*)?)"
    r"|(?P<unusual>(?:Windows NT|Macintosh|X11|Linux|Android|iPhone|iPad)[^()@+]*))\)"
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

    @property
    def is_plain(self) -> bool:
        """True for nothing but the usual words of a browser, and the model of an Android."""
        return self._shape is not None and self._shape["unusual"] is None

    @property
    def own_words(self) -> str | None:
        """What an ordinary browser says of its device beside the usual words.

        None for all that has not the shape of one.
        """
        return (self._shape["unusual"] or self._shape["model"] or "") if self._shape else None

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
    def _shape(self) -> re.Match[str] | None:
        return None if "http" in self.text.lower() else _PLAIN.fullmatch(self.text)

    @cached_property
    def _device(self) -> DeviceWords:
        return self.ask_for_device()
