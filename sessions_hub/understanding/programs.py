"""The program behind an agent (browser, app, library) and its engine, before client hints."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .agent import Agent
from .codes import CLIENT_CODES
from .families import BROWSERS, TYPES
from .versions import major

_VERSION = r"[ /]v?(\d[\w.]*)"

# Clients uap-core does not know, or takes for the browser they are built from.
# The first match counts.
_TOKENS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), kind, name)
    for pattern, kind, name in (
        (rf"\bAppwriteCLI{_VERSION}", "desktop", "Appwrite CLI"),
        # What Android's own HTTP client calls itself; uap-core takes it for the browser.
        (r"^Dalvik/(\d[\d.]*)", "library", "Dalvik"),
        (r"\bWinHttp(?:\.WinHttpRequest)?[ ./]?(\d[\d.]*)?", "library", "WinHTTP"),
        (rf"\bDart{_VERSION}", "library", "Dart"),
        (rf"\bpython-urllib3?{_VERSION}", "library", "Python urllib"),
        (rf"^Boto3{_VERSION}", "library", "Boto3"),
        (rf"^Google-HTTP-Java-Client{_VERSION}", "library", "Google HTTP Java Client"),
        (rf"\bpython-httpx{_VERSION}", "library", "HTTPX"),
        (rf"\bPostman{_VERSION}.*Electron", "library", "Postman"),
        (rf"^(?:undici|node)(?:{_VERSION})?$", "library", "Node.js"),
        (rf"\bnode-fetch(?:{_VERSION})?", "library", "Node Fetch"),
        (rf"^got{_VERSION}|^got \(", "library", "got"),
        (rf"\bGuzzleHttp{_VERSION}", "library", "Guzzle"),
        (rf"^Bun{_VERSION}", "library", "Bun"),
        (rf"^Deno{_VERSION}", "library", "Deno"),
        (rf"\breqwest{_VERSION}", "library", "reqwest"),
        (rf"\bRestSharp{_VERSION}", "library", "RestSharp"),
        (rf"\bAlamofire{_VERSION}", "library", "Alamofire"),
        (rf"\bPowerShell{_VERSION}", "library", "PowerShell"),
        (rf"\bSlack(?:_SSB)?{_VERSION}", "mobile app", "Slack"),
        (rf"\bTeams{_VERSION}", "mobile app", "Microsoft Teams"),
        (rf"\bdiscord{_VERSION}", "mobile app", "Discord"),
        (rf"\bWhatsApp{_VERSION}", "mobile app", "WhatsApp"),
        (rf"\bSignal(?:-Desktop|-Android|-iOS)?{_VERSION}", "mobile app", "Signal"),
        (rf"\bTelegram(?:-Android|Bot)?{_VERSION}", "mobile app", "Telegram"),
        (r"\b(?:musical_ly|BytedanceWebview|trill)[_/ ](\d[\w.]*)", "mobile app", "TikTok"),
        (rf"\bMicrosoft Office (?:Word|Excel|PowerPoint|OneNote){_VERSION}", "mobile app", ""),
        (r"\bMetaIAB Facebook\b()", "mobile app", "Facebook"),
        (rf"\bGSA{_VERSION}", "mobile app", "Google Search App"),
        (rf"\bGNOME Web{_VERSION}|\bEpiphany{_VERSION}", "browser", "GNOME Web"),
        (rf"\bYaSearchBrowser{_VERSION}", "browser", "Yandex Browser"),
    )
)
_OFFICE = re.compile(r"Microsoft Office \w+")
# "MyApp/1.0"; Apple's client library writes a space as "%20".
_PRODUCT = re.compile(r"(?<![\w.%+-])([A-Za-z][\w.%+-]{0,63})/v?(\d[\w.]*)")
_NOT_A_NAME = frozenset({"Mozilla", "Opera", "Dalvik", "CFNetwork", "Darwin"})

_CHROME = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/(\d[\d.]*)")
_WEBKIT = re.compile(r"AppleWebKit/(\d[\d.]*)")
_GECKO = re.compile(r"\brv:(\d[\d.]*)")
_FIREFOX = re.compile(r"\b(?:Firefox|FxiOS)/(\d[\d.]*)")
_OTHER_ENGINES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"\bTrident/(\d[\d.]*)|\bMSIE \d", "Trident"),
        (r"\bEdge/(\d[\d.]*)", "Edge"),
        (r"\bPresto/(\d[\d.]*)|^Opera[/ ](?:\d\.|1[0-2])", "Presto"),
        (r"\bArkWeb/(\d[\d.]*)", "ArkWeb"),
        (r"\bGoanna/(\d[\d.]*)", "Goanna"),
        (r"\bServo/(\d[\d.]*)", "Servo"),
        (r"\bNetFront/(\d[\d.]*)", "NetFront"),
    )
)
_FIRST_BLINK = 28
# For these ten versions Firefox said rv:109.0, since "rv:11" meant Internet Explorer.
_FROZEN_GECKO = "109.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Type, name and full version of a client, with the engine of a browser."""

    kind: str = ""
    name: str = ""
    version: str = ""
    engine: str = ""
    engine_version: str = ""


def program(agent: Agent, os_name: str) -> Program:
    """The client of `agent`; an engine is told of browsers only, as Matomo does."""
    kind, name, version = _identify(agent, os_name)
    engine, engine_version = "", ""
    if kind == "browser":
        engine, engine_version = _engine(agent.text, os_name)
    return Program(
        kind=kind,
        name=name,
        version=version,
        engine=engine,
        engine_version=engine_version,
    )


def _identify(agent: Agent, os_name: str) -> tuple[str, str, str]:
    for pattern, kind, name in _TOKENS:
        if match := pattern.search(agent.text):
            office = _OFFICE.search(match[0])
            version = next((group for group in match.groups() if group), "")
            return kind, name or (office[0] if office else ""), version
    for kind, families in TYPES:
        if agent.browser in families and not _is_console(os_name):
            return kind, families[agent.browser], agent.browser_version
    # "Firefox (Minefield)" and other names of previews.
    family = agent.browser.partition(" (")[0]
    name = BROWSERS.get(family, family)
    if name in CLIENT_CODES and not (agent.is_bot or _is_console(os_name)):
        return "browser", name, agent.browser_version
    if agent.is_bot:
        return "", agent.browser, agent.browser_version
    return _unknown(agent, os_name)


def _unknown(agent: Agent, os_name: str) -> tuple[str, str, str]:
    """A program of its own name: an app where the system is mobile, else a library."""
    if agent.text.startswith("Mozilla/"):
        known = agent.browser if not _is_console(os_name) else ""
        return ("browser", known, agent.browser_version) if known else ("", "", "")
    mobile = os_name in {"Android", "iOS", "iPadOS", "HarmonyOS"}
    kind = "mobile app" if mobile or "CFNetwork/" in agent.text else "library"
    for match in _PRODUCT.finditer(agent.text):
        if match[1] not in _NOT_A_NAME:
            return kind, match[1].replace("%20", " "), match[2]
    return "", "", ""


def _is_console(os_name: str) -> bool:
    # uap-core calls the browser of a PlayStation "Apple Mail".
    return os_name in {"PlayStation", "PlayStation Portable", "Nintendo", "Nintendo Mobile"}


def _engine(text: str, os_name: str) -> tuple[str, str]:
    webkit = _WEBKIT.search(text)
    if webkit and os_name in {"iOS", "iPadOS"}:
        return "WebKit", webkit[1]
    for pattern, name in _OTHER_ENGINES:
        if match := pattern.search(text):
            return name, match[1] or ""
    chrome = _CHROME.search(text)
    if chrome and major(chrome[1]) >= _FIRST_BLINK:
        return "Blink", chrome[1]
    if webkit:
        return "WebKit", webkit[1]
    if "Gecko/" in text and (match := _GECKO.search(text)):
        firefox = _FIREFOX.search(text)
        return "Gecko", firefox[1] if firefox and match[1] == _FROZEN_GECKO else match[1]
    return "", ""
