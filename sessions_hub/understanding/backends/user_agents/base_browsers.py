"""The browsers that others are built from and pose as: what is left when nothing else is told."""

from __future__ import annotations

import re

from sessions_hub.understanding.client_codes import CLIENT_CODES

from .agent import Agent
from .families import APPLICATIONS, BROWSERS

_OPERA = re.compile(r"Opera/(\d[\d.]*)")
_CHROME = re.compile(r"\bChr[o0]me/(\d[\d.]*)")
_WEB_VIEW = re.compile(r"; wv\)|\bVersion/4\.0 Chrome/")
# Nothing behind the engine: a view on a Mac, or on an iPad that poses as one.
_APPLE_VIEW = re.compile(r"\bMac OS X\b[^()]*\) AppleWebKit/[\d.]+ \(KHTML, like Gecko\)\Z")
_PLAYSTATION = frozenset({"PlayStation", "PlayStation Portable"})
_NINTENDO = frozenset({"Nintendo", "Nintendo Mobile"})


def base_browser(agent: Agent, os_name: str) -> tuple[str, str, str] | None:
    """Type, name and version by uap-core's family and the tokens everyone sends."""
    text = agent.text
    if os_name in _PLAYSTATION:
        return "browser", "NetFront", ""
    if os_name in _NINTENDO and (match := _OPERA.match(text)):
        return "browser", "Opera", match[1]
    if "ArkWeb/" in text:
        # HarmonyOS's own.
        return "browser", "Huawei Browser Mobile", ""
    if _APPLE_VIEW.search(text):
        # Of an app, or of Mail: uap-core takes all of them for Mail, and WebKit's number for
        # that of the client.
        return "browser", "Safari", ""
    family = agent.browser.partition(" (")[0]
    if os_name not in _NINTENDO:
        if family in APPLICATIONS:
            kind, name = APPLICATIONS[family]
            return kind, name, agent.browser_version
        name = BROWSERS.get(family, family)
        if name == "Safari" and os_name == "Android":
            name = "Android Browser"
        if name in CLIENT_CODES:
            return "browser", name, agent.browser_version
    # uap-core names the parts of televisions and apps instead.
    if match := _CHROME.search(text):
        return "browser", _chrome(text, os_name), match[1]
    return None


def _chrome(text: str, os_name: str) -> str:
    if os_name == "Android" and _WEB_VIEW.search(text):
        return "Chrome Webview"
    return "Chrome Mobile" if "Mobile" in text else "Chrome"
