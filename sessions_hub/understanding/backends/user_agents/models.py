"""Where the agents of phones, tablets and e-readers name their model."""

from __future__ import annotations

import re

from sessions_hub.understanding.brands import is_brand

# "Android 14; SM-S918B Build/UP1A" up to the end of the comment; models have brackets
# of their own: "moto g(30)".
_SYSTEMS = ("Android", "Andr0id", "Adr ")
_FIELDS = re.compile(
    r"(?:[ /-]?\d[\w.]*| \w+ \d[\d.]*)?\s*"
    r"((?:[;#]{1,2}[^;()#]{0,64}(?:\([^()]{0,40}\)[^;()#]{0,40})?){1,6})"
)
_FIELD = re.compile(r"[;#]+")
_BUILD = re.compile(r" ?\bBuild(?:/|$).*| AppleWebKit.*|/\d+\.\d.*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{0,4}){0,2}")
_NO_MODEL = frozenset(
    {
        "android",
        "app",
        "arm",
        "arm64",
        "arm_64",
        "browser",
        "desktop",
        "device",
        "harmonyos",
        "k",
        "linux",
        "mobile",
        "phone",
        "smartphone",
        "tablet",
        "touch",
        "tv",
        "u",
        "unknown",
        "wv",
        "x86",
        "x86_64",
    }
)
_NO_MODELS = (
    "rv:",
    "Linux",
    "Opera",
    "Android",
    "AppleWebKit",
    "HMSCore",
    "Unspecified",
    "unknown",
)

# KaiOS and Firefox OS: "(Mobile; ALCATEL 4044C; rv:37.0)".
_GECKO_MOBILE = re.compile(r"\((?:Mobile|Tablet);[ ]?([^;()]{2,64}); ?(?:Android; )?rv:")
# "(Java; U; MIDP-2.0; fr-FR; ALCATEL_one_touch_585)".
_UC = re.compile(r"^UCWEB/[^(]{0,16}\([^()]{0,120}; ?([^;()]{2,64})\)")
# The firmware of feature phones: "MAUI/_DE33781-EXPLAY-FIN_L104".
_FIRMWARE = re.compile(r"\bMAUI/([\w-]{4,64})")
# The first product of a feature phone: "Nokia6120c/3.83", "Karbonn K595 WAP-Browser".
_FIRST = re.compile(
    r"(?!Mozilla/|Opera/|Dalvik/|UCWEB/)([^;()]{2,40}?)(?:/|[ _](?:MAUI|WAP|UP\.)|\(| \()"
)
_PHONE_TOKEN = re.compile(
    r"\b((?:Nokia|SonyEricsson|SAMSUNG|LGE?-|MOT-|BlackBerry|HTC|SIE-|Microsoft RM-)[\w -]{1,32}?)"
    r"(?=[/;)]|$)"
)
# "IEMobile/11.0; NOKIA; Lumia 520)".
_WINDOWS_PHONE = re.compile(
    r"IEMobile/[\d.]+; ?(?:[^;()]{1,24}; ?)??([\w -]{2,24}; ?[\w .-]{2,40})[;)]"
)
# "DoCoMo/1.0/D501i", "DoCoMo/2.0 P900i(c100;TB)": the operator stands first.
_DOCOMO = re.compile(r"DoCoMo/[\d.]+[ /]([\w-]{2,24})")
_READER = re.compile(r"\b((?:PocketBook|Kobo|tolino)[/ ][\w.]{1,24})")
_PHONES = (_WINDOWS_PHONE, _GECKO_MOBILE, _UC, _PHONE_TOKEN)


def android_model(text: str) -> str:
    """The model in the comment of an Android browser or app; `""` when reduced away."""
    for system in _SYSTEMS:
        index = text.find(system)
        if index >= 0 and (match := _FIELDS.match(text, index + len(system))):
            fields = (_BUILD.sub("", field.strip()) for field in _FIELD.split(match[1]))
            return next((field.strip(" -") for field in fields if _is_model(field.strip(" -"))), "")
    return ""


def _is_model(text: str) -> bool:
    if len(text) < 2 or text.lower() in _NO_MODEL or text.startswith(_NO_MODELS):
        return False
    return not _LANGUAGE.fullmatch(text)


def reader_model(text: str) -> str:
    """What an e-reader calls itself."""
    match = _READER.search(text)
    return match[1].replace("/", " ") if match else ""


def phone_model(text: str, *, is_phone: bool) -> str:
    """What a feature phone, or a phone of before Android, calls itself.

    Only where `is_phone` the first product counts: others begin with an app's.
    """
    if match := _DOCOMO.match(text):
        return f"DoCoMo {match[1]}"
    for pattern in _PHONES:
        if match := pattern.search(text):
            # "LYF/F30C/LYF_F30C-000-09": brand, model and firmware.
            return " ".join(match[1].split("/")[:2]).replace(";", "")
    if (match := _FIRMWARE.search(text)) and (named := _named(match[1])):
        return named
    first = _FIRST.match(text) if is_phone else None
    return first[1].replace("/", " ").strip() if first else ""


def _named(firmware: str) -> str:
    """The part of a firmware's name that begins with a brand."""
    words = re.split(r"[_-]", firmware)
    for index, word in enumerate(words):
        if is_brand(word):
            return " ".join(words[index : index + 2])
    return ""
