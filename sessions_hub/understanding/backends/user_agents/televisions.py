"""Televisions and set-top boxes: how they are known, and who made them."""

from __future__ import annotations

import re

from sessions_hub.understanding.brands import brand_of, is_brand, spelled

from .agent import Agent

# Words (in lower case) that only televisions and set-top boxes send.
_WORDS = (
    "hbbtv",
    "smart-tv",
    "smarttv",
    "smart tv",
    "apple tv",
    "google tv",
    "googletv",
    "android tv",
    "opera tv",
    "bravia",
    "web0s",
    "crkey",
    "roku",
    "vidaa",
    "vizio",
    "netcast",
    "andr0id",
    "(lite)",
    "inettvbrowser",
    "nettv",
    "ce-html",
    "dlnadoc",
    "viera",
    "(astro;",
    "ohtv",
    "firebolt",
    "lg.media",
    "tivo",
    "whaletv",
    "smarttva",
    "espial",
    "settop",
    "sky_stb",
)
# The end of a word; "DTV" phones receive television.
_TV = re.compile(r"(?<!d)tv\b|\btv safari")
_FIRE_TV = re.compile(r"\baft[a-z0-9]{1,6}(?: build|[;)])")
# "HbbTV/1.5.1 (+DRM; LGE; 50NANO81; 23.20;…)", "VIDAA/5.0(SCHNEIDER;SmartTV;VS0432;…)",
# "LG NetCast.TV-2013 Compatible (LGE, 50NANO81T6A, wireless)".
_VENDOR_FIELDS = re.compile(
    r"(?:HbbTV|VIDAA|OHTV|FVC|LG Browser|LG NetCast|_TV_|NETTV|Model|Whale)[^()]{0,80}"
    r"\(([^()]{4,160})\)"
)
_SEPARATOR = re.compile(r"[;,]")
_MODEL = re.compile(r"\bModel/([\w-]{3,40})")
_NO_MODEL = frozenset({"smarttv", "smart tv", "tv", "dtv", ""})
_FAMILY = re.compile(r"_TV_\w{1,24}_(20\d\d)\b")
_TOKENS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), brand, model)
    for pattern, brand, model in (
        (r"\bVIZIO\b", "Vizio", ""),
        (r"\bRoku\b", "Roku", ""),
        (r"InettvBrowser.{0,60}?SonyDTV[^)]{0,40}\) ([\w-]{4,20})", "Sony", ""),
        (r"\bSony(?:DTV|BDP|CEBrowser)|\bBRAVIA\b", "Sony", ""),
        (r"\bViera\b|\bVIERA\b", "Panasonic", ""),
        (r"\bAstro;([\w-]{3,20})", "astro (MY)", ""),
        (r"\b(?:SMART-TV|SmartHub|Maple|SamsungBrowser|Tizen)\b", "Samsung", ""),
        (r"\bPhilipsTV\b|\bNETTV/.{0,80}PHILIPS|PHILIPS_", "Philips", ""),
        (r"\bSharp|AQUOS", "Sharp", ""),
        (r"\bCrKey\b", "Google", "Chromecast"),
        (r"\bWeb0S\b|\bwebOS\.TV|\bNetCast\b|\bLG Browser\b|LG\.Media", "LG", ""),
        (r"\bMAG\d{3}\b", "Infomir", ""),
        (r"\bTiVo\b", "TiVo", ""),
        (r"\bHisense\b|\bVIDAA\b", "Hisense", ""),
        (r"\bTOSHIBA\b", "Toshiba", ""),
        (r"\bOMI/[^ ]*Telly|StableAVB_Telly", "Telly", ""),
    )
)


def is_television(lower: str) -> bool:
    """Whether `lower`, a user agent in lower case, is that of a television or its box."""
    if any(word in lower for word in _WORDS):
        return True
    return bool(
        ("tv" in lower and _TV.search(lower)) or (" aft" in lower and _FIRE_TV.search(lower))
    )


def television(agent: Agent) -> tuple[str, str]:
    """Brand and model of a television that is no Android device; `""` for what is not told."""
    text, brand, model = agent.text, "", ""
    for told in _VENDOR_FIELDS.findall(text):
        fields = [field.strip() for field in _SEPARATOR.split(told)]
        brand, model = _vendor(fields)
        if brand:
            break
    for pattern, maker, name in _TOKENS:
        if not brand and (match := pattern.search(text)):
            brand, model = maker, name or (match[1] if match.re.groups and match[1] else "")
    if (named := _MODEL.search(text)) and brand == "Vizio":
        model = named[1]
    if not model and brand and brand == spelled(agent.brand):
        model = agent.model
    if brand and (not model or re.fullmatch(r"MB\d+", model)):
        year = _FAMILY.search(text)
        model = f"Smart TV ({year[1]})" if year else ""
    return brand, model


def _vendor(fields: list[str]) -> tuple[str, str]:
    for index, field in enumerate(fields[:3]):
        brand = spelled(field) if is_brand(field) else ""
        # "LGE", "Toptech690"
        brand = brand or (brand_of(field.rstrip("0123456789")) if index < 2 else "")
        if brand:
            rest = [name for name in fields[index + 1 : index + 3] if name.lower() not in _NO_MODEL]
            model = rest[0] if rest else ""
            # Others sell sets with LG's system: "SN55FMN243". LG's own begin with the size.
            resold = brand_of(model) if brand == "LG" and model[:1].isalpha() else ""
            return resold or brand, model
    return "", ""
