"""Browsers that come in several variants of one token, and versions that are not theirs."""

from __future__ import annotations

import re

from sessions_hub.understanding.codes import DESKTOP
from sessions_hub.understanding.versions import major

_CHROME = re.compile(r"\bChrome/(\d[\d.]*)")
_WEBKIT = re.compile(r"AppleWebKit/(\d[\d.]*)")
_TRIDENT = re.compile(r"\bTrident/(\d+)\.(\d+)")
_VERSION = re.compile(r"\bVersion/(\d[\d.]*)")
_BLACKBERRY = re.compile(r"\bBlackBerry ?\d{4}\w?/(\d[\d.]*)")
_OPERA_MINI = re.compile(r"Opera Mini(?:/(\d[\d.]*))?")
_UC = re.compile(r"UC ?Browser/?(\d[\d.]*)")
_PUFFIN = re.compile(r"Puffin/\d[\d.]*([A-Z])?")
# Internet Explorer 8 with Trident 4, 9 with 5, and so on, whatever it poses as.
_TRIDENT_BEHIND = 4


def variant(name: str, version: str, text: str, os_name: str) -> tuple[str, str]:
    """Name and version of the browser that the token of `name` stands for here."""
    if version and (match := _WEBKIT.search(text)) and match[1] == version:
        # Epiphany repeats the number of its engine.
        version = ""
    rule = _RULES.get(name)
    return rule(version, text, os_name) if rule else (name, version)


def _android_browser(version: str, text: str, os_name: str) -> tuple[str, str]:
    # "Version/4.0" stands in every one of them.
    return "Android Browser", ""


def _aol_shield(version: str, text: str, os_name: str) -> tuple[str, str]:
    return ("AOL Shield Pro" if "Chrome/" in text else "AOL Shield"), version


def _blackberry(version: str, text: str, os_name: str) -> tuple[str, str]:
    # uap-core takes the model for it: "BlackBerry9700/5.0.0.862".
    match = _BLACKBERRY.search(text)
    return "BlackBerry Browser", match[1] if match else version


def _edge(version: str, text: str, os_name: str) -> tuple[str, str]:
    return ("Headless Edge" if "HeadlessChrome/" in text else "Microsoft Edge"), version


def _huawei(version: str, text: str, os_name: str) -> tuple[str, str]:
    is_desktop = os_name in DESKTOP or "(PC;" in text
    return ("Huawei Browser" if is_desktop else "Huawei Browser Mobile"), version


def _internet_explorer(version: str, text: str, os_name: str) -> tuple[str, str]:
    if match := _TRIDENT.search(text):
        version = f"{major(match[1]) + _TRIDENT_BEHIND}.{match[2][:3]}"
    return "Internet Explorer", version


def _opera(version: str, text: str, os_name: str) -> tuple[str, str]:
    if "(Edition Next" in text:
        return "Opera Next", version
    if "(Edition GX" in text:
        return "Opera GX", version
    return ("Opera Mobile" if "OPR/" in text and "Mobile" in text else "Opera"), version


def _opera_mini(version: str, text: str, os_name: str) -> tuple[str, str]:
    told = _OPERA_MINI.search(text)
    if told and told[1]:
        return "Opera Mini", told[1]
    match = _VERSION.search(text)
    return "Opera Mini", version or (match[1] if match else "")


def _puffin(version: str, text: str, os_name: str) -> tuple[str, str]:
    match = _PUFFIN.search(text)
    if not match or not match[1]:
        return "Puffin", version
    return ("Puffin Cloud Browser" if match[1] == "F" else "Puffin Web Browser"), version


def _tesla(version: str, text: str, os_name: str) -> tuple[str, str]:
    # Its own number is that of the car's software.
    match = _CHROME.search(text)
    return "Tesla Browser", match[1] if match else version


def _uc(version: str, text: str, os_name: str) -> tuple[str, str]:
    # "UCWEB/2.0" is the number of its proxies.
    match = _UC.search(text)
    return "UC Browser", match[1] if match else version


def _yandex(version: str, text: str, os_name: str) -> tuple[str, str]:
    if "(lite)" in text:
        return "Yandex Browser Lite", version
    is_corporate = "(corp" in text or "YaBrowserCorp/" in text
    return ("Yandex Browser Corp" if is_corporate else "Yandex Browser"), version


_RULES = {
    "AOL Shield": _aol_shield,
    "Android Browser": _android_browser,
    "BlackBerry Browser": _blackberry,
    "Huawei Browser Mobile": _huawei,
    "Internet Explorer": _internet_explorer,
    "Microsoft Edge": _edge,
    "Opera": _opera,
    "Opera Mini": _opera_mini,
    "Puffin": _puffin,
    "Tesla Browser": _tesla,
    "UC Browser": _uc,
    "Yandex Browser": _yandex,
}
