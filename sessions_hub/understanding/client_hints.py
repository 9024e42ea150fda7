"""User-Agent Client Hints: what they say, and how it corrects the user agent.

Hints are RFC 9651 structured fields, read tolerantly: a broken one says nothing.
https://wicg.github.io/ua-client-hints/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .devices import brand_of
from .families import ANDROID_APPS
from .programs import Program
from .systems import DESKTOP
from .versions import longer, major, shorten

# The hints that change an answer: the key of the cache, and what is worth keeping.
RELEVANT: tuple[str, ...] = (
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-ch-ua-platform-version",
    "sec-ch-ua-model",
    "sec-ch-ua-full-version-list",
    "sec-ch-ua-full-version",
    "sec-ch-ua-form-factors",
    "x-requested-with",
)

_BRAND = re.compile(r'"((?:[^"\\]|\\.)*)"\s*;\s*v="([^"]*)"')
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_APP_ID = re.compile(r"[A-Za-z]\w*(?:\.\w+)+")

_PLATFORMS = {
    "Android": "Android",
    "Chrome OS": "Chrome OS",
    "ChromeOS": "Chrome OS",
    "Chromium OS": "Chromium OS",
    "Fuchsia": "Fuchsia",
    "Linux": "GNU/Linux",
    "Windows": "Windows",
    "iOS": "iOS",
    "macOS": "Mac",
}
# The platform hint is coarser than these: the user agent's word stands.
_MORE_SPECIFIC = {
    "Android": {"Fire OS", "HarmonyOS", "OpenHarmony", "Lineage OS", "Android TV", "Chrome OS"},
    "GNU/Linux": DESKTOP - {"Windows", "Mac", "GNU/Linux"},
    "iOS": {"iPadOS"},
}
_BRANDS = {
    "Android WebView": "Chrome Webview",
    "Google Chrome": "Chrome",
    "HeadlessChrome": "Headless Chrome",
    "HuaweiBrowser": "Huawei Browser Mobile",
    "Microsoft Edge WebView2": "Microsoft Edge",
    "NAVER Whale": "Whale Browser",
    "Samsung Internet": "Samsung Browser",
    "DuckDuckGo": "DuckDuckGo Privacy Browser",
    "Yandex": "Yandex Browser",
    "YaBrowser": "Yandex Browser",
}
_GENERAL = {"Chromium": 0, "Chrome Webview": 1, "Chrome": 2, "Microsoft Edge": 3}
# What a user agent calls a browser whose brand is the shorter name.
_VARIANTS = {
    "Chrome": {"Chrome Mobile", "Chrome Webview", "Headless Chrome"},
    "Opera": {"Opera Mobile", "Opera Mini", "Opera GX"},
    "Huawei Browser Mobile": {"Huawei Browser"},
}
_FORM_FACTORS = {
    "Automotive": "car browser",
    "Desktop": "desktop",
    "Mobile": "smartphone",
    "Tablet": "tablet",
    "Watch": "wearable",
    "XR": "wearable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """The hints of one request; `mobile` is None when that hint was not sent."""

    platform: str = ""
    platform_version: str = ""
    model: str = ""
    mobile: bool | None = None
    brands: tuple[tuple[str, str], ...] = ()
    form_factor: str = ""
    app_id: str = ""


def read_hints(headers: Mapping[str, str]) -> Hints:
    """The hints among `headers` (lower-case names)."""
    brands = _brands(headers.get("sec-ch-ua-full-version-list", "")) or _with_full_version(
        _brands(headers.get("sec-ch-ua", "")), _text(headers.get("sec-ch-ua-full-version", ""))
    )
    platform = _PLATFORMS.get(_text(headers.get("sec-ch-ua-platform", "")), "")
    factors = (_text(part) for part in headers.get("sec-ch-ua-form-factors", "").split(","))
    version = _VERSION.match(_text(headers.get("sec-ch-ua-platform-version", "")))
    app = _text(headers.get("x-requested-with", ""))
    return Hints(
        platform=platform,
        platform_version=version[0] if version else "",
        model=_text(headers.get("sec-ch-ua-model", "")),
        mobile={"?0": False, "?1": True}.get(headers.get("sec-ch-ua-mobile", "").strip()),
        brands=tuple(brands),
        form_factor=next((_FORM_FACTORS[part] for part in factors if part in _FORM_FACTORS), ""),
        app_id=app if _APP_ID.fullmatch(app) else "",
    )


def correct_system(name: str, version: str, hints: Hints) -> tuple[str, str]:
    """The platform hint wins over the user agent, unless that is more specific."""
    platform = hints.platform
    if not platform or name in _MORE_SPECIFIC.get(platform, ()):
        return name, version
    hinted = hints.platform_version
    if platform == "Windows":
        return platform, _windows(version if name == platform else "", hinted)
    if platform == "Mac":
        hinted = shorten(hinted)
    return platform, hinted or (version if name == platform else "")


def correct_program(found: Program, hints: Hints, mobile: bool) -> Program:
    """The brand hint names browsers that call themselves Chrome in the user agent."""
    if hints.app_id and found.name in {"", "Chrome Webview", "Android Browser"}:
        kind = "browser" if "browser" in hints.app_id.lower() else "mobile app"
        kind, name = ANDROID_APPS.get(hints.app_id, (kind, hints.app_id))
        if kind != "browser":
            return Program(kind=kind, name=name)
        found = replace(found, name=name, version="")
    if not hints.brands or found.kind not in {"", "browser"}:
        return found
    return _with_brand(found, hints, mobile)


def correct_device(found: tuple[str, str, str], os_name: str, hints: Hints) -> tuple[str, str, str]:
    """Model, "mobile" and form factor, which reduced user agents leave out."""
    kind, brand, model = found
    if hints.model and hints.model != model:
        brand, model = brand_of(hints.model) or brand, hints.model
    if hints.form_factor and kind not in {"tv", "console"}:
        kind = hints.form_factor
    elif os_name == "Android" and hints.mobile is not None and kind in {"", "desktop"}:
        kind = "smartphone" if hints.mobile else "tablet"
    elif os_name in DESKTOP and kind in {"", "smartphone", "tablet"}:
        kind = "desktop"
    return kind, brand, model


def _with_brand(found: Program, hints: Hints, mobile: bool) -> Program:
    named = {_BRANDS.get(brand, brand): version for brand, version in hints.brands}
    best = max(named, key=lambda name: _GENERAL.get(name, len(_GENERAL)))
    chromium = named.get("Chromium") or named.get("Chrome Webview", "")
    name, version = found.name, found.version
    if name == best or name in _VARIANTS.get(best, ()):
        version = longer(version, named[best])
    elif not name or name in _GENERAL or name == "Chrome Mobile":
        version = longer(version, named[best])
        if best != "Chromium" or not name:
            name = "Chrome Mobile" if best == "Chrome" and mobile else best
    return replace(
        found,
        kind="browser",
        name=name,
        version=version,
        engine=found.engine or ("Blink" if chromium else ""),
        engine_version=longer(found.engine_version, chromium)
        if found.engine in {"", "Blink"}
        else found.engine_version,
    )


def _windows(version: str, hinted: str) -> str:
    # https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11
    number = major(hinted)
    if not hinted:
        return version
    if number == 0:
        old = {"0.1": "7", "0.2": "8", "0.3": "8.1"}.get(shorten(hinted))
        return old or ("" if version == "10" else version)
    return "10" if number <= 10 else "11"


def _brands(text: str) -> list[tuple[str, str]]:
    found = []
    for name, version in _BRAND.findall(text):
        # GREASE: "Not_A Brand", " Not;A=Brand" and other inventions.
        letters = _NOT_LETTERS.sub("", name.lower())
        number = _VERSION.match(version)
        if letters and letters != "notabrand":
            found.append((name.strip(), number[0] if number else ""))
    return found


def _with_full_version(brands: list[tuple[str, str]], full: str) -> list[tuple[str, str]]:
    # The deprecated hint tells the full version of the browser, not of Chromium; it
    # is the browser's where the major versions agree, and Chrome's are Chromium's.
    return [
        (name, full if version and full.startswith(f"{version}.") else version)
        for name, version in brands
    ]


def _text(value: str) -> str:
    """A structured string or, from clients that forget the quotes, a token."""
    text = value.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1]).strip()
    # No model and no platform is spelled with these; someone plays.
    return "" if "<" in text or ">" in text else text
