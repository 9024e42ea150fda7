"""Type, brand and model of the device, before client hints."""

from __future__ import annotations

import re

from .agent import Agent
from .systems import DESKTOP

_TV = re.compile(
    r"(?i)smart-?tv|hbbtv|apple ?tv|google ?tv|android tv|bravia|web0s|\bAFT[A-Z0-9]{1,6}\b"
    r"|\bcrkey\b|\broku\b|\bvidaa\b|\bvizio\b|netcast|tv\b"
)
_CONSOLE = re.compile(r"PlayStation|\bXbox\b|\bNintendo\b|\bPSP\b")
_WEARABLE = re.compile(r"\bWatch\b|Watch OS|watchOS|Galaxy Watch")
_SMART_DISPLAY = re.compile(r"\bCrKey\b.*\bDeviceType/SmartSpeaker")
_HEADSET = re.compile(r"OculusBrowser|\bQuest \d|\bVR;")
_FEATURE_PHONE = re.compile(r"KAIOS|J2ME|\bMIDP\b|\bMAUI\b", re.IGNORECASE)
_PHONE_SYSTEMS = frozenset(
    {
        "BlackBerry OS",
        "Firefox OS",
        "Sailfish OS",
        "Symbian OS",
        "Symbian OS Series 60",
        "Symbian^3",
        "Windows Mobile",
        "Windows Phone",
    }
)
_ANDROIDS = frozenset({"Android", "Fire OS", "HarmonyOS", "OpenHarmony", "Lineage OS"})
# Tablets whose user agent says "Mobile", or whose apps say nothing.
_TABLET_MODEL = re.compile(
    r"SM-[TPX]\d|GT-P\d|KF[A-Z]{2,6}\b|Lenovo TB|TB-?[\dX]|Pixel Tablet|MI PAD"
)
_APPLE = re.compile(r"\b(iPhone|iPad|iPod)\b")
# "Android 14; SM-S918B Build/UP1A": the model stands after the version and a language.
_ANDROID_MODEL = re.compile(
    r"Android[ /-][\d.]+;(?: ?HarmonyOS;)?(?: ?[a-z]{2}[-_][A-Za-z]{2};)?"
    r" ?([^;()/]{1,64}?)(?: Build/|[;)])"
)
_NO_MODEL = frozenset({"K", "wv", "Mobile", "Tablet", "Browser", "Smartphone", "U", "HarmonyOS"})
_NO_BRAND = ("Generic", "Spider")

# How model names begin → brand.
_BRANDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), brand)
    for pattern, brand in (
        (r"SM-|GT-|SGH-|SCH-|SC-\d|SCG\d|Galaxy|SAMSUNG", "Samsung"),
        (r"Pixel|Nexus|Chromecast", "Google"),
        (r"POCO", "POCO"),
        (r"Redmi|M2\d{3}|2[0-5]\d{3,}[A-Z0-9]+$|Mi[ -]|MIX\b|Xiaomi", "Xiaomi"),
        (r"ONEPLUS|(?:IN|KB|LE|NE|CPH26|PJ|GM)\d{4}$|OnePlus", "OnePlus"),
        (r"CPH\d|OPPO|OPD\d|P[A-H][A-Z]{2}\d0$", "OPPO"),
        (r"RMX\d|realme", "Realme"),
        (r"vivo|V\d{4}[A-Z]*$|I\d{4}$", "Vivo"),
        (r"HUAWEI|(?:ANE|ELE|ELS|VOG|LYA|NOH|MAR|POT|CLT|ALN|BAL)-", "Huawei"),
        (r"HONOR|(?:ANY|REA|PGT|MAA|ALI|CRT)-", "Honor"),
        (r"moto|XT\d{4}|motorola", "Motorola"),
        (r"Nokia|TA-\d{4}", "Nokia"),
        (r"XQ-|SO-\d|SOG\d|Xperia|BRAVIA", "Sony"),
        (r"Lenovo|TB-?[\dX]", "Lenovo"),
        (r"ASUS|ZenFone", "Asus"),
        (r"LM-|LG[ -]|LGE", "LG"),
        (r"TECNO|CAMON|SPARK", "Tecno Mobile"),
        (r"Infinix", "Infinix"),
        (r"itel", "Itel"),
        (r"FP\d$|Fairphone", "Fairphone"),
        (r"A0\d\d|Nothing|A\d{3}P?$", "Nothing"),
        (r"ZTE|Blade", "ZTE"),
        (r"AFT|KF[A-Z]{2}", "Amazon"),
        (r"HTC", "HTC"),
        (r"TCL|T\d{3}[A-Z]$", "TCL"),
        (r"Quest", "Meta"),
    )
)


def device(agent: Agent, os_name: str, kind: str) -> tuple[str, str, str]:
    """Type ("desktop", "smartphone", "tablet", "tv" …), brand and model."""
    apple = _APPLE.search(agent.text)
    if os_name in {"iOS", "iPadOS"}:
        model = apple[1] if apple else ""
        return _apple_type(model, os_name), "Apple", model
    if os_name == "Mac":
        return "desktop", "Apple", ""
    model = _model(agent)
    return _type(agent.text, os_name, kind, model), _brand(agent, model), model


def brand_of(model: str) -> str:
    """The brand that names its models like this; `""` when unknown."""
    return next((brand for pattern, brand in _BRANDS if pattern.match(model)), "")


def _apple_type(model: str, os_name: str) -> str:
    if model == "iPad" or os_name == "iPadOS":
        return "tablet"
    return "portable media player" if model == "iPod" else "smartphone"


def _type(text: str, os_name: str, kind: str, model: str) -> str:
    if _HEADSET.search(text):
        return "wearable"
    if _SMART_DISPLAY.search(text):
        return "smart display"
    if os_name in {"Apple TV", "Android TV", "Google TV"} or _TV.search(text):
        return "tv"
    if _CONSOLE.search(text):
        return "console"
    if os_name == "watchOS" or _WEARABLE.search(text):
        return "wearable"
    if os_name == "KaiOS" or _FEATURE_PHONE.search(text):
        return "feature phone"
    if os_name in _ANDROIDS:
        return _android_type(text, kind, model)
    if os_name in _PHONE_SYSTEMS or (os_name == "Tizen" and "Mobile" in text):
        return "smartphone"
    return "desktop" if os_name in DESKTOP else ""


def _android_type(text: str, kind: str, model: str) -> str:
    if _TABLET_MODEL.match(model) or "Tablet" in text:
        return "tablet"
    # Browsers say "Mobile" on phones only; apps and libraries never say it.
    return "smartphone" if "Mobile" in text or kind != "browser" else "tablet"


def _model(agent: Agent) -> str:
    match = _ANDROID_MODEL.search(agent.text)
    model = match[1].strip() if match else ""
    if not model and not agent.brand.startswith(_NO_BRAND):
        model = agent.model
    return "" if model in _NO_MODEL or model.startswith(("rv:", "Linux")) else model


def _brand(agent: Agent, model: str) -> str:
    if agent.brand and not agent.brand.startswith(_NO_BRAND):
        return agent.brand
    return brand_of(model) if model else ""
