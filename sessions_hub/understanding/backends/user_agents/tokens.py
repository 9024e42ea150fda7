"""An agent read word by word: the clients it names, and the names nobody knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .known_clients import KNOWN, PHRASES, Known

# A word, and what stands between it and the next.
_WORD = re.compile(r"([^\s/();,\[\]\"|]+)([\s/();,\[\]\"|]*)")
# Also "(Ecosia ios@11.4.0.2281)".
_NUMBER = re.compile(r"(?:[a-z]{2,8}@)?[vV]?(\d+(?:\.\d+)*)")
_NAME = re.compile(r"[A-Za-z][\w.+!&'-]{2,39}")
_VERSION_GAPS = frozenset({"/", " ", "]/", ")/", " /", "/ ", " ("})
# "Acme/Android/2.2.7".
_PLATFORMS = frozenset(
    {"android", "go", "ios", "ipad", "iphone", "java", "nodejs", "php", "python", "ruby"}
)
# They begin the part of an agent that a browser writes for itself.
_ENGINES = frozenset({"applewebkit", "gecko", "goanna"})
# What stands behind an engine and names no client.
_NOISE = frozenset(
    {
        "abi",
        "agentweb",
        "android",
        "app_bitness",
        "app_version",
        "appid",
        "applewebkit",
        "appname",
        "apptheme",
        "appverc",
        "appversion",
        "arkweb",
        "bdapp",
        "bdh_de",
        "bdh_dvt",
        "bdos",
        "bropp",
        "build",
        "buildcode",
        "bullet",
        "bullettag",
        "bytefulllocale",
        "bytelocale",
        "cfnetwork",
        "channel",
        "chrome",
        "chromium",
        "cordova-amazon-fireos",
        "core",
        "covc",
        "crios",
        "crkey",
        "crosswalk",
        "currentfontscale",
        "currentmode",
        "dalvik",
        "darwin",
        "device",
        "devicescore",
        "devicetype",
        "electron",
        "fbav",
        "firefox",
        "flutter",
        "foldmode",
        "fvc",
        "fxios",
        "gecko",
        "goanna",
        "hbbtv",
        "headlesschrome",
        "hmscore",
        "ios",
        "iphone",
        "isdr",
        "jskit",
        "jssdk",
        "kaios",
        "khtml",
        "language",
        "languagetype",
        "maui",
        "mmwebid",
        "mmwebsdk",
        "mobile",
        "model",
        "mozilla",
        "mozlightning",
        "nabar",
        "netcast",
        "netscore",
        "nettv",
        "nettype",
        "not_a",
        "opera",
        "os",
        "osmeta",
        "pixel",
        "profile",
        "qbwebviewtype",
        "qbwebviewua",
        "qtwebengine",
        "region",
        "release",
        "safari",
        "signon",
        "simpleuiswitch",
        "smarttv",
        "smarttva",
        "sp-engine",
        "spark",
        "statusht",
        "studymode",
        "tbs",
        "theme",
        "titleht",
        "trident",
        "ubuntu",
        "ucbs",
        "ut4aplus",
        "uws",
        "version",
        "vidaa",
        "vr",
        "webcore",
        "webkit",
        "webview",
        "webviewprealloc",
        "webviewpreloaded",
        "windows",
        "wktype",
        "wkwebview",
        "xweb",
        "yoda",
        "yowser",
    }
)
# Advertising programs put these, with changing numbers, behind other browsers' agents.
_PARASITES = frozenset(
    {
        "adg",
        "agency",
        "atcontent",
        "config",
        "gls",
        "herring",
        "html5plus",
        "kaspersky",
        "likewise",
        "openwave",
        "trailer",
        "unique",
        "viewer",
        "zscaler",
    }
)
_NO_CLIENTS = _NOISE | _PARASITES


@dataclass(slots=True)
class Tokens:
    """What the words tell.

    `best` is the known client of the lowest rank, `version` its version, and `unknown`
    the first product behind the engine that no table has, as name and version.
    """

    best: Known | None = None
    version: str = ""
    unknown: tuple[str, str] | None = None


def read_tokens(text: str, lower: str) -> Tokens:
    """The clients that `text` names; `lower` is the same text in lower case."""
    found = Tokens()
    words = [(match[1], match[2], match.end(1)) for match in _WORD.finditer(text)]
    depth, behind_engine = 0, False
    for index, (word, gap, end) in enumerate(words):
        name = word.lower().replace("%20", " ")
        known = _phrase(name, lower, end) or KNOWN.get(name)
        product = "/" in gap
        if known is not None:
            if (product or known.bare) and (found.best is None or known.rank < found.best.rank):
                found.best, found.version = known, _version(words, index)
        elif name in _ENGINES:
            behind_engine = True
        elif name == "firefox":
            # Before it stand the names of Linux distributions.
            found.unknown = None
        elif behind_engine and depth <= 0 and gap == "/" and found.unknown is None:
            is_name = name not in _NO_CLIENTS and _NAME.fullmatch(word)
            version = _version(words, index) if is_name else ""
            found.unknown = (word, version) if version else None
        depth += gap.count("(") - gap.count(")")
    return found


def _version(words: list[tuple[str, str, int]], index: int) -> str:
    """The number behind the word at `index`, or behind the platform that stands there."""
    if index + 1 == len(words) or words[index][1] not in _VERSION_GAPS:
        return ""
    following, gap, _ = words[index + 1]
    if gap == "/" and following.lower() in _PLATFORMS and index + 2 < len(words):
        following = words[index + 2][0]
    match = _NUMBER.match(following)
    return match[1] if match else ""


def _phrase(name: str, lower: str, end: int) -> Known | None:
    for phrase in PHRASES.get(name.rpartition(" ")[2], ()):
        start = end - len(phrase)
        if lower.endswith(phrase, 0, end) and not lower[max(start - 1, 0) : start].isalpha():
            return KNOWN[phrase]
    return None
