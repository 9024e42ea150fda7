"""device-detector's parser and tables, as our rules need them.

The tables are Matomo's (LGPL) and stay where they are; this is the only module that
knows how device-detector keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from device_detector import DeviceDetector
from device_detector.parser.settings import (
    AVAILABLE_BROWSERS,
    BROWSER_TO_ABBREV,
    CLIENT_HINT_TO_APP_MAP,
    OS_TO_ABBREV,
)
from device_detector.yaml_loader import regex_list

from sessions_hub.understanding.client_codes import CLIENT_CODES
from sessions_hub.understanding.codes import OS_CODES

# Matomo's six types, which device-detector calls the same, and their lists.
_LISTS: dict[str, str] = {
    "browser": "upstream/client/browsers.yml",
    "feed reader": "upstream/client/feed_readers.yml",
    "library": "upstream/client/libraries.yml",
    "mediaplayer": "upstream/client/mediaplayers.yml",
    "mobile app": "upstream/client/mobile_apps.yml",
    "pim": "upstream/client/pim.yml",
}
_DEVICES = "upstream/device/mobiles.yml"
# Brands with more models are compiled on loading: their first device would take a
# quarter of a second.
_MANY_MODELS = 300

# One takes the text for JSON, and raises when that has numbers in it; the other takes
# any text for a name. Matomo has neither.
_GUESSES = frozenset({"DictUA", "WholeNameExtractor"})

# What every browser made of Chromium may be taken for.
_CHROMES = frozenset(
    {"Chrome", "Chrome Mobile", "Chrome Webview", "Chromium", "Headless Chrome", "Microsoft Edge"}
)
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


def detector() -> Any:
    """device-detector's parser without its wildest guesses."""
    parsers = tuple(
        parser for parser in DeviceDetector.CLIENT_PARSERS if parser.__name__ not in _GUESSES
    )
    return type("Detector", (DeviceDetector,), {"CLIENT_PARSERS": parsers, "__slots__": ()})


class Tables:
    """Codes, types, brands and engines, by device-detector's names."""

    def __init__(self) -> None:
        self._brands = {_folded(name): name for name in AVAILABLE_BROWSERS.values()}
        self._brands |= {_folded(brand): name for brand, name in CLIENT_HINT_TO_APP_MAP.items()}
        self._types: dict[str, set[str]] = {}
        self._entries: dict[str, tuple[str, Any]] = {}
        for kind, path in _LISTS.items():
            for entry in regex_list((path,)):
                name = str(entry["name"])
                self._types.setdefault(name.lower(), set()).add(kind)
                # `compiled` compiles, as the first text that none of them matches would.
                self._entries[entry["regex"].compiled.pattern] = name, entry.get("engine")
        for brand in regex_list((_DEVICES,)):
            models = brand.get("models", ())
            if len(models) > _MANY_MODELS:
                for model in models:
                    model["regex"].compiled  # noqa: B018

    def os_code(self, name: str) -> str:
        """The short code of an operating system, ours first; `""` when it has none."""
        return OS_CODES.get(name) or OS_TO_ABBREV.get(name.lower(), "")

    def browser_code(self, name: str) -> str:
        """The short code of a browser, ours first; `""` when it has none."""
        return CLIENT_CODES.get(name) or BROWSER_TO_ABBREV.get(name.lower(), "")

    def client_type(self, kind: str, name: str) -> str:
        """Matomo's type for device-detector's `kind` ("messaging", "game", "ai" …)."""
        listed = self._types.get(name.lower(), set())
        if len(listed) == 1:
            return next(iter(listed))
        if kind in _LISTS:
            return kind
        return "browser" if self.browser_code(name) else "mobile app"

    def entry(self, client: Any) -> tuple[str, Any]:
        """Name and engines in the entry of Matomo's that made a `client`.

        `("", None)` when none did. The name differs from the client's where a header
        named an app.
        """
        matched = getattr(client, "matched_regex", None)
        return self._entries.get(matched.re.pattern, ("", None)) if matched else ("", None)

    def branded(self, name: str, brands: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
        """The browser behind `name` that the brand hint knows better, and its version.

        "Herond" for a Chrome, "Opera Air" for an Opera. None when there is none.
        """
        for brand, version in brands:
            known = self._brands.get(_folded(brand), "")
            if known in _CHROMES or not known:
                continue
            if name in _CHROMES or known.startswith(f"{name} "):
                return known, version
        return None


def _folded(brand: str) -> str:
    """A brand as it is compared: "CrowBrowser", "Crow Browser" and "Crow" are one."""
    return _NOT_A_LETTER.sub("", brand.lower()).removesuffix("browser")
