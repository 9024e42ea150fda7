"""The client by its brands and by the id of its app, as a correction of `ClientFacts`."""

from __future__ import annotations

import re
from dataclasses import replace

from .android_apps import android_app
from .client_codes import CLIENT_CODES
from .codes import DESKTOP
from .facts import ClientFacts
from .versions import longer, major

# What brands are called here; others are, as they call themselves.
_BRANDS = {
    "Android WebView": "Chrome Webview",
    "AvastSecureBrowser": "Avast Secure Browser",
    "AT": "AVG Secure Browser",
    "AOL Shield Browser": "AOL Shield Pro",
    "Atom Browser": "Atom",
    "Avira": "Avira Secure Browser",
    "CCleaner Browser": "CCleaner",
    "CrowBrowser": "Crow Browser",
    "DuckDuckGo": "DuckDuckGo Privacy Browser",
    "Google Chrome": "Chrome",
    "HeadlessChrome": "Headless Chrome",
    "HeadlessEdg": "Headless Edge",
    "Herond": "Herond Browser",
    "HonorBrowser": "HONOR Browser",
    "HuaweiBrowser": "Huawei Browser Mobile",
    "Microsoft Edge WebView2": "Edge WebView",
    "Mi Browser": "MIUI Browser",
    "NAVER Whale": "Whale Browser",
    "OperaMobile": "Opera Mobile",
    "Samsung Internet": "Samsung Browser",
    "Vewd Core": "Vewd Browser",
    "Whale": "Whale Browser",
    "YaBrowser": "Yandex Browser",
    "YaSearchBrowser": "Yandex Browser",
    "Yandex": "Yandex Browser",
}
# Parts that other browsers have in common; the more telling one is higher.
_GENERAL = {
    "BroPP": 0,
    "YaSearchApp": 0,
    "Yowser": 0,
    "Chromium": 1,
    "Chrome Webview": 2,
    "Chrome": 3,
    "Microsoft Edge": 4,
}
# No browser of their own.
_PARTS = frozenset({"BroPP", "Chrome Webview", "Chromium", "YaSearchApp", "Yowser"})
_GENERIC = frozenset({"", "Android Browser", "Chrome", "Chrome Mobile", "Chrome Webview"})
# Others are built from its source, and keep its user agent.
_FORKED = frozenset({"DuckDuckGo Privacy Browser"})
# What a user agent calls a browser whose brand is the shorter name.
_VARIANTS = {
    "Chrome": {"Chrome Mobile", "Chrome Webview", "Headless Chrome"},
    "Huawei Browser Mobile": {"Huawei Browser"},
    "Opera": {"Opera Mobile", "Opera Mini", "Opera GX", "Opera Next"},
    "Puffin": {"Puffin Cloud Browser", "Puffin Web Browser"},
    "Yandex Browser": {"Yandex Browser Corp", "Yandex Browser Lite"},
}
# Brands that say more than the user agent, which names what they are built from.
_BUILT_FROM = {
    "Opera Air": {"Opera"},
    "Opera GX": {"Opera", "Opera Mobile"},
    "Vewd Browser": {"Opera Devices"},
}
# Their user agent tells the release that people see, their brand a build.
_TOLD_BY_AGENT = frozenset({"Opera Mobile"})
# Their brand carries the version of Chromium.
_WITHOUT_VERSION = frozenset({"DuckDuckGo Privacy Browser"})
# Where no app of Android runs.
_ELSEWHERE = DESKTOP | {"iOS", "iPadOS"}
# The third is of apps that leave the mark of a WebView out.
_WEB_VIEW = re.compile(r"Android.*(?:; wv\)|\bVersion/4\.0 (?:Chrome|Mobile)|\bBuild/)|^Dalvik/")
_CHROME = re.compile(r"\bChrome/([0-9][0-9.]*)")
_FIRST_BLINK = 28


def correct_client(
    facts: ClientFacts,
    brands: tuple[tuple[str, str], ...],
    app_id: str,
    mobile: bool,
    user_agent: str,
) -> ClientFacts:
    """`facts` with the client that `brands` or the Android app `app_id` name."""
    if app_id:
        facts = _with_app(facts, app_id, user_agent)
    # A robot that names itself keeps its name, whatever browser it drives.
    is_named_bot = facts.is_bot and bool(facts.client_name) and not facts.client_type
    if not brands or is_named_bot or facts.client_type not in {"", "browser"}:
        return facts
    return _with_brand(facts, brands, mobile)


def _with_app(facts: ClientFacts, app_id: str, user_agent: str) -> ClientFacts:
    """Only the WebView of an app sends its id, whatever the user agent poses as."""
    kind, name, is_known = android_app(app_id)
    # Scripts fill the header in with names of their own: "Next.js".
    if not is_known and not _WEB_VIEW.search(user_agent):
        return facts
    # Browsers of Android, those of televisions above all, pose as one on a computer. Apps don't.
    if kind != "browser" and facts.os_name in _ELSEWHERE and "Android" not in user_agent:
        return facts
    if not is_known and facts.client_name in _FORKED:
        kind = "browser"
    elif not is_known and facts.client_name not in _GENERIC:
        return facts
    version = facts.client_version if facts.client_name == name else ""
    if kind != "browser":
        return replace(
            facts,
            client_type=kind,
            client_code="",
            client_name=name,
            client_version=version,
            client_engine="",
            client_engine_version="",
        )
    if facts.client_name not in _VARIANTS.get(name, ()):
        facts = _with_browser(facts, name, version)
    chrome = _CHROME.search(user_agent)
    if not facts.client_engine and chrome and major(chrome[1]) >= _FIRST_BLINK:
        return replace(facts, client_engine="Blink", client_engine_version=chrome[1])
    return facts


def _with_brand(
    facts: ClientFacts, brands: tuple[tuple[str, str], ...], mobile: bool
) -> ClientFacts:
    """Browsers that call themselves Chrome in the user agent tell their brand."""
    named = {_BRANDS.get(brand, brand): version for brand, version in brands}
    best = max(named, key=lambda name: _GENERAL.get(name, len(_GENERAL)))
    chromium = named.get("Chromium") or named.get("Chrome Webview", "")
    name, version = facts.client_name, facts.client_version
    if name == best or name in _VARIANTS.get(best, ()):
        if not version or name not in _TOLD_BY_AGENT:
            version = _same_release(version, named[best])
    elif name in _BUILT_FROM.get(best, ()):
        name, version = best, _same_release(version, named[best])
    elif not facts.client_code and best not in _PARTS:
        # A product behind the browser's that nobody knows: an extension, a virus scanner.
        name, version = ("Chrome Mobile" if best == "Chrome" and mobile else best), named[best]
    elif not name or name in _GENERAL or name == "Chrome Mobile":
        version = longer(version, named[best])
        if best != "Chromium" or not name:
            name = "Chrome Mobile" if best == "Chrome" and mobile else best
    facts = _with_browser(facts, name, "" if name in _WITHOUT_VERSION else version)
    if facts.client_engine not in {"", "Blink"} or not chromium:
        return facts
    return replace(
        facts,
        client_engine="Blink",
        client_engine_version=longer(facts.client_engine_version, chromium),
    )


def _same_release(told: str, hinted: str) -> str:
    """The hint is longer, unless it is the number of another browser."""
    return longer(told, hinted) if not told or major(told) == major(hinted) else told


def _with_browser(facts: ClientFacts, name: str, version: str) -> ClientFacts:
    code = facts.client_code if name == facts.client_name else CLIENT_CODES.get(name, "")
    return replace(
        facts, client_type="browser", client_code=code, client_name=name, client_version=version
    )
