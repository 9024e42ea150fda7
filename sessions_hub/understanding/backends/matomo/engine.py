"""Engine and engine version of a browser.

device-detector keeps the newest engine of a browser for all its versions, leaves
others in the form they have in its tables, and knows few versions. The tables
themselves are right: engine by default, and from which version on which other one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Engine → how user agents spell it, the first one found counts.
_TOKENS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("NetFront", r"\bNetFront"),
        ("Edge", r"\bEdge(?=/)"),
        ("Trident", r"\bTrident"),
        ("Blink", r"(?:Chr[o0]me|Chromium|Cronet)(?!/(?:1?\d|2[0-7])\.)(?=/)"),
        ("WebKit", r"WebKit"),
        ("Presto", r"\bPresto"),
        ("Goanna", r"\bGoanna"),
        ("Clecko", r"(?<!like )Clecko"),
        ("Gecko", r"(?<!like )Gecko"),
        ("KHTML", r"\bKHTML"),
        ("NetSurf", r"\bNetSurf"),
        ("Servo", r"\bServo"),
        ("EkiohFlow", r"\bEkioh(?:Flow)?"),
        ("Arachne", r"xChaos_Arachne"),
        ("LibWeb", r"\bLibWeb\+LibJs"),
        ("ArkWeb", r"\bArkWeb(?=/)"),
        ("Maple", r"\bMaple"),
    )
)
_SPELLINGS: dict[str, str] = {
    "Arachne": r"Arachne/5\.",
    "Blink": r"(?:Chr[o0]me|Chromium|Cronet)",
    "LibWeb": r"LibWeb\+LibJs",
}
# "rv:128.0) Gecko/20100101": what follows the name is no version, but a date.
_BUILD_DATE = re.compile(r"[gc]l?ecko/\d{8,10}", re.IGNORECASE)
_RELEASE = re.compile(r"[ ;(]rv[: ](\d[\d.]*)")
_NUMBER = r"\s*[/_]?\s*(\d+\.\d[\d.]*|\d{1,7}(?!\d))"


def engine_of(table: Any, browser_version: str, user_agent: str) -> str:
    """The engine of `browser_version`, by a browser's entry in the tables or by the text."""
    name = ""
    if isinstance(table, Mapping):
        name = str(table.get("default") or "")
        since = table.get("versions")
        for first, other in since.items() if isinstance(since, Mapping) else ():
            if _numbers(browser_version) >= _numbers(str(first)):
                name = str(other or "")
    return name or next((name for name, token in _TOKENS if token.search(user_agent)), "")


def engine_version(engine: str, user_agent: str) -> str:
    """The version `user_agent` tells of `engine`, in full."""
    dated = engine in {"Gecko", "Clecko"} and _BUILD_DATE.search(user_agent)
    if dated and (release := _RELEASE.search(user_agent)):
        return release[1].rstrip(".")
    found = _with_number(engine).search(user_agent) if engine else None
    return found[1].rstrip(".") if found else ""


@lru_cache(maxsize=64)
def _with_number(engine: str) -> re.Pattern[str]:
    return re.compile(_SPELLINGS.get(engine, re.escape(engine)) + _NUMBER, re.IGNORECASE)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"[0-9]{1,9}", version)[:4]]
