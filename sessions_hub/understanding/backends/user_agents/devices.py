"""Type, brand and model of the device, before client hints."""

from __future__ import annotations

import re

from sessions_hub.understanding.brands import brand_of, model_name, spelled, type_of
from sessions_hub.understanding.codes import DESKTOP

from .agent import Agent
from .computers import computer, facebook_model
from .device_types import ANDROIDS, console, named_type, type_by_system
from .models import android_model, phone_model, reader_model
from .televisions import is_television, television

# Also "prod.iphone", as some apps write it.
_APPLE = re.compile(r"(?i)\bi(?:phone|pad|pod)\b")
_APPLE_NAMES = {"iphone": "iPhone", "ipad": "iPad", "ipod": "iPod"}
# Apple's own names of its models, also in the agents of apps: "iPhone14,2", "Mac15%2C3".
_APPLE_CODE = re.compile(
    r"\b(iPhone|iPad|iPod|AppleTV|Watch|AudioAccessory|RealityDevice|(?:Power)?Mac(?:Book(?:Pro|Air)?|mini|Pro)?"
    r"|iMac(?:Pro)?|PowerBook|Xserve)(\d{1,2})(?:,|%2C)(\d{1,2})\b"
)
# Cheaper to look for than the names.
_CODE_NUMBER = re.compile(r"\d(?:,|%2C)\d")
_APPLE_TYPES = {
    "iPhone": "smartphone",
    "iPad": "tablet",
    "iPod": "portable media player",
    "AppleTV": "tv",
    "Watch": "wearable",
    "RealityDevice": "wearable",
    "AudioAccessory": "smart speaker",
}
_APPLE_SYSTEMS = {
    "iOS": "smartphone",
    "iPadOS": "tablet",
    "watchOS": "wearable",
    "Apple TV": "tv",
    "tvOS": "tv",
    "visionOS": "wearable",
}
_NO_BRAND = ("Generic", "Spider")


def device(agent: Agent, os_name: str, kind: str) -> tuple[str, str, str]:
    """Type ("desktop", "smartphone", "tablet", "tv" …), brand and model."""
    lower = agent.text.lower()
    return (
        _apple(agent.text, os_name)
        or console(agent.text, lower)
        or _television(agent, lower)
        or _other(agent, lower, os_name, kind)
    )


def _apple(text: str, os_name: str) -> tuple[str, str, str] | None:
    code = _APPLE_CODE.search(text) if _CODE_NUMBER.search(text) else None
    if os_name != "Mac" and os_name not in _APPLE_SYSTEMS and not code:
        return None
    if "Apple TV" in text or "AppleTV" in text:
        return "tv", "Apple", "Apple TV"
    named = _APPLE.search(text)
    if named and os_name != "Mac":
        model = _APPLE_NAMES[named[0].lower()]
        # An app made for the iPhone runs on the iPad as well: "(iPhone; …) … (iPad13,16; …)".
        if code and code[1] in _APPLE_NAMES.values():
            model = code[1]
        return _APPLE_TYPES[model], "Apple", model
    if code:
        return _APPLE_TYPES.get(code[1], "desktop"), "Apple", f"{code[1]}{code[2]},{code[3]}"
    return _APPLE_SYSTEMS.get(os_name, "desktop"), "Apple", ""


def _television(agent: Agent, lower: str) -> tuple[str, str, str] | None:
    """A television whose agent is not that of an Android device."""
    if not is_television(lower) or android_model(agent.text):
        return None
    return (named_type(lower) or "tv", *television(agent))


def _other(agent: Agent, lower: str, os_name: str, kind: str) -> tuple[str, str, str]:
    by_system = type_by_system(agent.text, lower, os_name, kind)
    brand, model = _told(agent, os_name, by_system)
    brand = brand or brand_of(model)
    # A plain browser without a model says nothing of its device.
    if not (brand or (agent.is_plain and not model)) and _is_known(agent):
        brand = spelled(agent.brand)
        model = model or agent.model
    # Once one company: their models are called alike.
    if brand == "Huawei" and "Build/HONOR" in agent.text:
        brand = "Honor"
    found = named_type(lower) or type_of(model, brand)
    if not found and is_television(lower):
        found = "tv"
    return found or by_system, brand, model_name(model, brand)


def _is_known(agent: Agent) -> bool:
    """Whether uap-core knows the brand of the device."""
    brand = agent.brand
    # "HuaweiBrowser" is a browser, on devices of others as well.
    return bool(brand) and not brand.startswith(_NO_BRAND) and agent.model != "Browser"


def _told(agent: Agent, os_name: str, by_system: str) -> tuple[str, str]:
    """Brand and model as far as the user agent says them."""
    text = agent.text
    if os_name in ANDROIDS:
        brand, model = facebook_model(text)
        if model:
            return brand, model
    # "Windows Phone 8.1; Android 4.0; ARM; Trident/7.0": not what it says.
    if os_name != "Windows Phone" and (model := android_model(text)):
        return "", model
    if model := reader_model(text):
        return "", model
    if os_name in DESKTOP:
        return computer(text)
    # The agents of Android apps begin with the app.
    is_phone = os_name not in ANDROIDS and by_system in {"feature phone", "smartphone"}
    return "", phone_model(text, is_phone=is_phone)
