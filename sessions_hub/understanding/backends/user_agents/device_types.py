"""The type of a device, by words of the user agent and by its system."""

from __future__ import annotations

import re

from sessions_hub.understanding.codes import DESKTOP

ANDROIDS = frozenset(
    {"Android", "Android TV", "CyanogenMod", "Fire OS", "HarmonyOS", "Lineage OS", "OpenHarmony"}
)

# A word → what names the model behind it, maker, and the name before the model.
_CONSOLES: tuple[tuple[str, re.Pattern[str], str, str], ...] = tuple(
    (word, re.compile(pattern), brand, name)
    for word, pattern, brand, name in (
        ("playstation", r"playstation ?(\d(?: pro)?|vita|portable|)", "Sony", "PlayStation"),
        ("(psp", r"\(psp()", "Sony", "PlayStation Portable"),
        ("(ps3", r"\(ps3()", "Sony", "PlayStation 3"),
        ("xbox_one_ed", r"\bxbox_one_ed()", "Microsoft", "Xbox One S"),
        ("xbox", r"\bxbox( one x| one s| one| series [xs]| 360|)\b", "Microsoft", "Xbox"),
        ("nintendo", r"\bnintendo (switch lite|switch 2|switch|3ds|dsi|wiiu|wii|)", "Nintendo", ""),
        ("ouya", r"\bouya\b()", "OUYA", "OUYA"),
        ("dreamcast", r"\bdreamcast\b()", "Sega", "Dreamcast"),
        ("aplix_sanyo", r"aplix_sanyo()", "Sanyo", "3DO TRY"),
    )
)
_SPELLED = {"3ds": "3DS", "dsi": "DSi", "wiiu": "Wii U"}

# A word (lower case) → type. Words that begin and end with a letter may be parts of others.
_NAMED: tuple[tuple[str, str], ...] = (
    ("oculusbrowser", "wearable"),
    ("picobrowser", "wearable"),
    ("; vr;", "wearable"),
    ("watch os", "wearable"),
    ("watchos", "wearable"),
    ("galaxy watch", "wearable"),
    ("devicetype/smartspeaker", "smart speaker"),
    ("google home", "smart speaker"),
    ("devicetype/smartdisplay", "smart display"),
    ("tesla/", "car browser"),
    ("qtcarbrowser", "car browser"),
    ("automotive", "car browser"),
    ("kindle/", "tablet"),
    ("kobo touch", "tablet"),
    ("kobo e", "tablet"),
    ("pocketbook/", "tablet"),
    ("tolino", "tablet"),
    ("(pc;", "desktop"),
    ("; pc;", "desktop"),
    ("desktop;", "desktop"),
)
_FEATURE_PHONE = (
    "kaios",
    "j2me",
    "midp",
    "maui",
    "cldc",
    "docomo/",
    "willcom;",
    "j-phone/",
    "(mre",
    "up.browser",
    "wap-browser",
    "wap browser",
    "wap2.0",
    " mmp/",
    "screen-",
    "obigo",
    "teleca",
    "dorado",
)
_FEATURE_SYSTEMS = frozenset(
    {"Brew", "Java ME", "KaiOS", "MRE", "MTK / Nucleus", "Mocor OS", "Symbian OS Series 40"}
)
_PHONE_SYSTEMS = frozenset(
    {
        "Bada",
        "BlackBerry OS",
        "Firefox OS",
        "Maemo",
        "MeeGo",
        "Sailfish OS",
        "Symbian",
        "Symbian OS",
        "Symbian OS Series 60",
        "Symbian^3",
        "Windows CE",
        "Windows Mobile",
        "Windows Phone",
        "palmOS",
    }
)
_TV_SYSTEMS = frozenset({"Android TV", "Google TV", "Opera TV", "Roku OS", "ViziOS", "webOS"})
_ANDROID_WORDS = ("android", "andr0id", "harmony", "linux", "adr ", "dalvik")
_TABLET = re.compile(r"\bTablet\b(?! PC)|/apad\b")


def console(text: str, lower: str) -> tuple[str, str, str] | None:
    """Type, brand and model of a game console; `lower` is `text` in lower case."""
    for word, pattern, brand, name in _CONSOLES:
        if word in lower and (found := pattern.findall(lower)):
            # "PlayStation; PlayStation 5/9.60": the longest says most.
            part = max(found, key=len).strip()
            told = _SPELLED.get(part, part.title())
            return "console", brand, f"{name} {told}".strip()
    return None


def named_type(lower: str) -> str:
    """The type that a word of the user agent (in lower case) tells; `""` for none."""
    return next((kind for word, kind in _NAMED if word in lower), "")


def type_by_system(text: str, lower: str, os_name: str, kind: str) -> str:
    """The type of a device of which only the system is known, and its client's `kind`."""
    if os_name in _TV_SYSTEMS:
        return "tv"
    if os_name in ANDROIDS:
        # A library for Android runs elsewhere as well.
        if not any(word in lower for word in _ANDROID_WORDS):
            return ""
        if _TABLET.search(text):
            return "tablet"
        # Browsers say "Mobile" on phones only; apps and libraries never say it.
        is_browser = kind == "browser" and text.startswith(("Mozilla/", "Opera/"))
        is_phone = not is_browser or "Mobile" in text or "Opera Mini" in text
        return "smartphone" if is_phone else "tablet"
    if os_name in _FEATURE_SYSTEMS or any(word in lower for word in _FEATURE_PHONE):
        return "feature phone"
    if os_name in _PHONE_SYSTEMS or (os_name == "Tizen" and "Mobile" in text):
        return "smartphone"
    if os_name == "Windows RT":
        return "tablet"
    # Microsoft's own sign of a touch screen, before computers had them too.
    if os_name == "Windows" and ("; ARM;" in text or " Touch;" in text or "Touch)" in text):
        return "tablet"
    return "desktop" if os_name in DESKTOP else ""
