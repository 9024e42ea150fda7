"""User-Agent Client Hints: what they say, and how it corrects the user agent.

Hints are RFC 9651 structured fields, read tolerantly: a broken one says nothing.
https://wicg.github.io/ua-client-hints/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .codes import DESKTOP, OS_CODES
from .facts import ClientFacts
from .hinted_clients import correct_client
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

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BRAND = re.compile(_QUOTED.pattern + r'\s*;\s*v="?([^",]*)')
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_APP_ID = re.compile(r"[A-Za-z]\w*(?:\.\w+)+")

# What platforms are called here; others are, as they call themselves.
_PLATFORMS = {
    "chromeos": "Chrome OS",
    "linux": "GNU/Linux",
    "macos": "Mac",
} | {name.lower(): name for name in OS_CODES}
_CHROME_OS = frozenset({"Chrome OS", "Chromium OS"})
# What a user agent may claim and a hint correct, browsers in disguise for the most part.
_CLAIMS = frozenset({"", "Android", "Mac", "Windows", "iOS", "iPadOS"})
# The platform hint is coarser than any system but these: the user agent's word stands.
_CORRECTED_BY = {
    "Android": _CLAIMS | (DESKTOP - _CHROME_OS),
    "GNU/Linux": _CLAIMS | {"GNU/Linux"},
    "Windows": _CLAIMS | DESKTOP,
    "iOS": (_CLAIMS | DESKTOP) - {"iPadOS"},
}
_APPLE = frozenset({"Mac", "iOS", "iPadOS"})
# Form factor → type. Of several, what stands first here is the more telling one.
_FORM_FACTORS = {
    "automotive": "car browser",
    "xr": "wearable",
    "watch": "wearable",
    "desktop": "desktop",
    "mobile": "smartphone",
    "tablet": "tablet",
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
    sent = {name: headers[name] for name in RELEVANT if isinstance(headers.get(name), str)}
    brands = _brands(sent.get("sec-ch-ua-full-version-list", "")) or _with_full_version(
        _brands(sent.get("sec-ch-ua", "")), _text(sent.get("sec-ch-ua-full-version", ""))
    )
    platform = _PLATFORMS.get(_text(sent.get("sec-ch-ua-platform", "")).lower(), "")
    factors = {_text(part).lower() for part in sent.get("sec-ch-ua-form-factors", "").split(",")}
    version = _VERSION.match(_text(sent.get("sec-ch-ua-platform-version", "")))
    app = _text(sent.get("x-requested-with", ""))
    # Any item may have parameters: "?1;a=b".
    mobile = sent.get("sec-ch-ua-mobile", "").partition(";")[0]
    return Hints(
        platform=platform,
        platform_version=version[0] if version else "",
        model=_text(sent.get("sec-ch-ua-model", "")),
        mobile={"?0": False, "?1": True}.get(_text(mobile)),
        brands=tuple(brands),
        form_factor=next((_FORM_FACTORS[name] for name in _FORM_FACTORS if name in factors), ""),
        app_id=app if _APP_ID.fullmatch(app) else "",
    )


def correct(facts: ClientFacts, hints: Hints, user_agent: str) -> ClientFacts:
    """`facts` as the hints correct them, for whichever backend they come from."""
    mobile = hints.mobile if hints.mobile is not None else "Mobile" in user_agent
    found = _correct_system(facts, hints, user_agent)
    found = correct_client(found, hints.brands, hints.app_id, mobile, user_agent)
    return _correct_device(found, hints, facts.os_name)


def _correct_system(facts: ClientFacts, hints: Hints, user_agent: str) -> ClientFacts:
    """The platform hint wins over the user agent, unless that is more specific."""
    platform, claimed = hints.platform, facts.os_name
    if not platform:
        return facts
    # The hint of Chrome OS once was "Linux", and is "Android" of what runs in its container.
    if platform in {"Android", "GNU/Linux"} and "; CrOS " in user_agent:
        hinted = hints.platform_version if platform == "GNU/Linux" else ""
        return _with_system(facts, "Chrome OS", facts.os_version or hinted)
    if claimed not in _CORRECTED_BY.get(platform, {claimed}):
        return facts
    is_same = claimed == platform or {claimed, platform} <= _CHROME_OS
    told = facts.os_version if is_same else ""
    if platform == "Windows":
        return _with_system(facts, platform, _windows(told, hints.platform_version))
    # Early versions for Chrome OS call it by its other name.
    if platform == "Chromium OS" and any(brand == "Google Chrome" for brand, _ in hints.brands):
        platform = "Chrome OS"
    # "0.0.0" stands for a version that is not told.
    hinted = hints.platform_version if hints.platform_version.strip("0.") else ""
    return _with_system(facts, platform, longer(told, hinted))


def _correct_device(facts: ClientFacts, hints: Hints, claimed: str) -> ClientFacts:
    """Model, "mobile" and form factor, which reduced user agents leave out.

    `claimed` is the operating system of the user agent.
    """
    # Their tables wait for the first parse.
    from .brands import brand_of, model_name, type_of

    kind, (brand, model) = facts.device_type, _told_device(facts, claimed)
    brand = brand or brand_of(hints.model)
    is_new = facts.os_name != claimed
    if hints.form_factor and kind not in {"tv", "console"}:
        kind = hints.form_factor
    elif hints.model and not model and (known := type_of(hints.model, brand)):
        kind = known
    elif hints.platform == "Android" and hints.mobile is not None and kind in {"", "desktop"}:
        kind = "smartphone" if hints.mobile else "tablet"
    elif facts.os_name in DESKTOP and (not kind or (is_new and kind in {"smartphone", "tablet"})):
        kind = "desktop"
    model = model or model_name(hints.model, brand)
    return replace(facts, device_type=kind, device_brand=brand, device_model=model)


def _told_device(facts: ClientFacts, claimed: str) -> tuple[str, str]:
    """Brand and model, unless they are those of a device that a hint denies."""
    brand, model = facts.device_brand, facts.device_model
    systems = {claimed, facts.os_name}
    # Android and its relatives run on whatever else runs Linux.
    if not claimed or len(systems) == 1 or systems.isdisjoint({"Windows", *_APPLE}):
        return brand, model
    if systems <= _APPLE:
        return brand, "" if "Mac" in systems else model
    return "", ""


def _with_system(facts: ClientFacts, name: str, version: str) -> ClientFacts:
    code = facts.os_code if name == facts.os_name else OS_CODES.get(name, "")
    return replace(facts, os_code=code, os_name=name, os_version=version)


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
    if quoted := _QUOTED.match(text):
        text = re.sub(r"\\(.)", r"\1", quoted[1]).strip()
    # No model and no platform is spelled with these; someone plays.
    return "" if "<" in text or ">" in text else text
