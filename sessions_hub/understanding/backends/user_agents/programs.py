"""The program behind an agent (browser, app, library) and its engine, before client hints."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sessions_hub.understanding.client_codes import CLIENT_CODES

from .agent import Agent
from .base_browsers import base_browser
from .bots import announces_bot
from .engines import engine
from .in_app import in_app
from .known_clients import KNOWN, Rank
from .tokens import Tokens, read_tokens
from .variants import variant

# What such an agent begins with: "MyApp/1.0", "Perfect%20Browser/9.1", "GitHub CLI 2.63.0".
_LEADING = re.compile(r"([A-Za-z+][^/()\[\];,<>\"]{0,63}?)(?:(?:/| v?(?=\d))v?(\d+(?:\.\d+)*)|/|$)")
# "Safari5533.19.4", "DDG-Android-3.1.1".
_GLUED = re.compile(r"([A-Za-z][A-Za-z-]{1,39}?)[-_]?(\d+(?:\.\d+)+)(?![\w.-])")
# A client that announces itself in the comment, with an address to complain to.
_ANNOUNCED = re.compile(r"compatible; ?([A-Za-z][\w. -]{1,39})/v?(\d[\d.]*)?")
_FEATURE_PHONE = re.compile(r"(?i)MIDP|CLDC|WAP|\bMMP/|\bNucleus\b|^HbbTV")
_MAC_CPU = re.compile(r"\((?:x86_64|i386|arm64|Power(?: |%20)?Macintosh)\)")
_SAYS_APP = re.compile(r"(?i)(?:android|ios|iphone)$")
_HAS_APPS = frozenset(
    {"Android", "Android TV", "Apple TV", "Fire OS", "HarmonyOS", "iOS", "iPadOS", "watchOS"}
)
_HYBRID = ("Electron/", "QtWebEngine/")
_NAMES_OF_BROWSERS = ("browser", "explorer", "surf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Type, name and full version of a client, with the code and the engine of a browser."""

    kind: str = ""
    code: str = ""
    name: str = ""
    version: str = ""
    engine: str = ""
    engine_version: str = ""


def program(agent: Agent, os_name: str) -> Program:
    """The client of `agent`; an engine is told of browsers only, as Matomo does."""
    kind, name, version = _identify(agent, os_name)
    if kind != "browser":
        code = "cli" if kind == "desktop" else ""
        return Program(kind=kind, code=code, name=name, version=version)
    name, version = variant(name, version, agent.text, os_name)
    by, by_version = engine(name, version, agent.text, os_name)
    return Program(
        kind=kind,
        code=CLIENT_CODES.get(name, ""),
        name=name,
        version=version,
        engine=by,
        engine_version=by_version,
    )


def _identify(agent: Agent, os_name: str) -> tuple[str, str, str]:
    text = agent.text
    lower = text.lower()
    if found := in_app(text, lower):
        return found
    tokens = read_tokens(text, lower)
    if text.startswith(("Mozilla/", "Opera/")) or "AppleWebKit/" in text:
        return _in_skeleton(agent, os_name, tokens)
    return _on_its_own(agent, os_name, tokens)


def _in_skeleton(agent: Agent, os_name: str, tokens: Tokens) -> tuple[str, str, str]:
    """The client of an agent that poses as a browser, as most do."""
    best = tokens.best
    if best and best.rank <= Rank.BASIS:
        return best.kind, best.name, tokens.version
    if announces_bot(agent) or agent.is_bot:
        return _announced(agent) or ("", *_bots_name(agent, tokens.unknown))
    if tokens.unknown:
        name, version = tokens.unknown
        return _kind_of_unknown(name, agent.text, os_name), name, version
    base = base_browser(agent, os_name)
    if base:
        return base
    if best:
        return best.kind, best.name, tokens.version
    return _announced(agent) or ("", "", "")


def _kind_of_unknown(name: str, text: str, os_name: str) -> str:
    """A browser built from another, or an app that shows pages."""
    lower = name.lower()
    if any(part in lower for part in _NAMES_OF_BROWSERS):
        return "browser"
    if any(token in text for token in _HYBRID):
        return "mobile app"
    if os_name in {"iOS", "iPadOS"}:
        return "browser" if "Safari/" in text else "mobile app"
    is_web_view = "; wv)" in text or "Version/4.0 Chrome/" in text
    return "mobile app" if is_web_view else "browser"


def _on_its_own(agent: Agent, os_name: str, tokens: Tokens) -> tuple[str, str, str]:
    """The client of an agent that does not pose as a browser."""
    text = agent.text
    name, version, is_product = _leading(text)
    leads = KNOWN.get(name.lower())
    best, told = (tokens.best, tokens.version) if tokens.best else (leads, version)
    if best and best.rank <= Rank.BASIS:
        return best.kind, best.name, _own_version(best.kind, told, text)
    if text.startswith("Dalvik/"):
        return "browser", "Android Browser", ""
    if not leads and (announces_bot(agent) or agent.is_bot):
        return "", *_bots_name(agent, (name, version))
    if "CFNetwork/" in text and name and not leads:
        if name == "Safari":
            return "browser", name, ""
        return "mobile app", name, _own_version("mobile app", version, text)
    is_named = is_product and version and not leads
    if is_named and (os_name in _HAS_APPS or _SAYS_APP.search(name)):
        return "mobile app", name, version
    if best and (best.rank == Rank.LIBRARY or not is_named):
        return best.kind, best.name, told
    if is_named and not _FEATURE_PHONE.search(text):
        return "library", name, version
    return base_browser(agent, os_name) or ("", "", "")


def _leading(text: str) -> tuple[str, str, bool]:
    """Name, version and whether a slash stands between them."""
    if match := _GLUED.match(text):
        return match[1], match[2], True
    match = _LEADING.match(text)
    if match is None:
        return "", "", False
    return match[1].strip().replace("%20", " "), match[2] or "", "/" in match[0]


def _own_version(kind: str, version: str, text: str) -> str:
    """Apple's client tells the number of the build, which on iOS is no version."""
    if "CFNetwork/" not in text:
        return version
    if kind == "mobile app" and "." not in version and not _MAC_CPU.search(text):
        return ""
    return version


def _bots_name(agent: Agent, own: tuple[str, str] | None) -> tuple[str, str]:
    """Its own name and version where uap-core knows none, or the browser it poses as."""
    if own and (not agent.browser or agent.browser in CLIENT_CODES):
        return own
    return agent.browser, agent.browser_version


def _announced(agent: Agent) -> tuple[str, str, str] | None:
    match = _ANNOUNCED.search(agent.text) if "://" in agent.text else None
    return ("", match[1], match[2] or "") if match else None
