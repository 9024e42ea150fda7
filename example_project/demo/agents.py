"""Clients of 2025 and 2026 as they describe themselves, with the Client Hints they send.

Chromium says no more than its major version, and "Windows NT 10.0", "Mac OS X 10_15_7"
or "Android 10; K" whatever it runs on: the hints carry the truth. Safari 26 stands
still at "iPhone OS 18_6".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_CHROMIUM = (
    "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 {rest}"
)
_WINDOWS = "Windows NT 10.0; Win64; x64"
_MAC = "Macintosh; Intel Mac OS X 10_15_7"


@dataclass(frozen=True, slots=True)
class Agent:
    """One kind of client: what people call it, and what it sends."""

    name: str
    user_agent: str
    hints: Mapping[str, str] = field(default_factory=dict, hash=False)


def _chromium(system: str, version: int, rest: str = "Safari/537.36") -> str:
    return _CHROMIUM.format(system=system, version=version, rest=rest)


def _hints(
    platform: str,
    platform_version: str,
    *brands: tuple[str, str],
    model: str = "",
    mobile: bool = False,
) -> dict[str, str]:
    every = (*brands, ("Not_A Brand", "99.0.0.0"))
    return {
        "Sec-CH-UA": ", ".join(f'"{name}";v="{full.partition(".")[0]}"' for name, full in every),
        "Sec-CH-UA-Full-Version-List": ", ".join(f'"{name}";v="{full}"' for name, full in every),
        "Sec-CH-UA-Mobile": f"?{mobile:d}",
        "Sec-CH-UA-Platform": f'"{platform}"',
        "Sec-CH-UA-Platform-Version": f'"{platform_version}"',
        "Sec-CH-UA-Model": f'"{model}"',
    }


_CHROME = (("Chromium", "142.0.7444.60"), ("Google Chrome", "142.0.7444.60"))

CHROME_WINDOWS = Agent(
    "Chrome on Windows 11",
    _chromium(_WINDOWS, 142),
    _hints("Windows", "15.0.0", *_CHROME),
)
EDGE_WINDOWS = Agent(
    "Edge on Windows 10",
    _chromium(_WINDOWS, 142, "Safari/537.36 Edg/142.0.0.0"),
    _hints("Windows", "10.0.0", ("Chromium", "142.0.7444.60"), ("Microsoft Edge", "142.0.3595.53")),
)
OPERA_MAC = Agent(
    "Opera on a Mac",
    _chromium(_MAC, 139, "Safari/537.36 OPR/123.0.0.0"),
    _hints("macOS", "26.0.1", ("Chromium", "139.0.7258.155"), ("Opera", "123.0.5669.23")),
)
CHROME_CHROMEBOOK = Agent(
    "Chrome on a Chromebook",
    _chromium("X11; CrOS x86_64 14541.0.0", 142),
    _hints("Chrome OS", "16433.41.0", *_CHROME),
)
FIREFOX_LINUX = Agent(
    "Firefox on Linux",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
)
FIREFOX_WINDOWS = Agent(
    "Firefox on Windows",
    f"Mozilla/5.0 ({_WINDOWS}; rv:145.0) Gecko/20100101 Firefox/145.0",
)
SAFARI_MAC = Agent(
    "Safari on a Mac",
    f"Mozilla/5.0 ({_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
)
SAFARI_IPHONE = Agent(
    "Safari on an iPhone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
)
CHROME_IPAD = Agent(
    "Chrome on an iPad",
    "Mozilla/5.0 (iPad; CPU OS 26_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1",
)
CHROME_PIXEL = Agent(
    "Chrome on a Pixel 9",
    _chromium("Linux; Android 10; K", 142, "Mobile Safari/537.36"),
    _hints("Android", "16.0.0", *_CHROME, model="Pixel 9", mobile=True),
)
FIREFOX_ANDROID = Agent(
    "Firefox on Android",
    "Mozilla/5.0 (Android 16; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0",
)
SAMSUNG_TABLET = Agent(
    "Samsung Internet on a Galaxy tablet",
    _chromium("Linux; Android 10; K", 136).replace(" Chrome/", " SamsungBrowser/29.0 Chrome/"),
    _hints(
        "Android",
        "16.0.0",
        ("Chromium", "136.0.7103.127"),
        ("Samsung Internet", "29.0.0.59"),
        model="SM-X826B",
    ),
)
ANDROID_APP = Agent(
    "an app on a Pixel 8a", "Fieldnotes/3.18.0 (Android 16; Pixel 8a) okhttp/4.12.0"
)
IPHONE_APP = Agent("an app on an iPhone", "Fieldnotes/318 CFNetwork/3860.100.1 Darwin/25.0.0")
CURL = Agent("curl", "curl/8.16.0")
PYTHON_SCRIPT = Agent("a Python script", "python-requests/2.32.5")
POSTMAN = Agent("Postman", "PostmanRuntime/7.49.1")
