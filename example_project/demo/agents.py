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


# What the major versions are called in full, where that is told.
CHROMIUM = {
    136: "136.0.7103.127",
    138: "138.0.7204.184",
    139: "139.0.7258.155",
    140: "140.0.7339.208",
    141: "141.0.7390.123",
    142: "142.0.7444.60",
}
EDGE = {140: "140.0.3485.94", 141: "141.0.3537.99", 142: "142.0.3595.53"}
OPERA = {121: ("137.0.7151.122", "121.0.5600.50"), 122: ("138.0.7204.184", "122.0.5643.71"),
         123: ("139.0.7258.155", "123.0.5669.23")}  # fmt: skip
SAMSUNG = {28: ("130.0.6723.108", "28.0.5.9"), 29: ("136.0.7103.127", "29.0.0.59")}
# Safari → what it calls the system it runs on.
_IPHONE = {"18.5": "18_5", "18.6": "18_6", "26.0": "18_6", "26.1": "18_7"}


def _chrome(version: int) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("Chromium", CHROMIUM[version]), ("Google Chrome", CHROMIUM[version])


def chrome_windows(version: int) -> Agent:
    return Agent(
        "Chrome on Windows 11",
        _chromium(_WINDOWS, version),
        _hints("Windows", "15.0.0", *_chrome(version)),
    )


def chrome_mac(version: int) -> Agent:
    return Agent(
        "Chrome on a Mac",
        _chromium(_MAC, version),
        _hints("macOS", "15.6.1", *_chrome(version)),
    )


def chrome_chromebook(version: int) -> Agent:
    return Agent(
        "Chrome on a Chromebook",
        _chromium("X11; CrOS x86_64 14541.0.0", version),
        _hints("Chrome OS", "16433.41.0", *_chrome(version)),
    )


def edge_windows(version: int) -> Agent:
    return Agent(
        "Edge on Windows 10",
        _chromium(_WINDOWS, version, f"Safari/537.36 Edg/{version}.0.0.0"),
        _hints(
            "Windows", "10.0.0", ("Chromium", CHROMIUM[version]), ("Microsoft Edge", EDGE[version])
        ),
    )


def opera_mac(version: int) -> Agent:
    chromium, opera = OPERA[version]
    return Agent(
        "Opera on a Mac",
        _chromium(_MAC, int(chromium[:3]), f"Safari/537.36 OPR/{version}.0.0.0"),
        _hints("macOS", "26.0.1", ("Chromium", chromium), ("Opera", opera)),
    )


def chrome_android(model: str, version: int) -> Agent:
    return Agent(
        f"Chrome on a {model}",
        _chromium("Linux; Android 10; K", version, "Mobile Safari/537.36"),
        _hints("Android", "16.0.0", *_chrome(version), model=model, mobile=True),
    )


def samsung_tablet(version: int) -> Agent:
    chromium, samsung = SAMSUNG[version]
    return Agent(
        "Samsung Internet on a Galaxy tablet",
        _chromium("Linux; Android 10; K", int(chromium[:3])).replace(
            " Chrome/", f" SamsungBrowser/{version}.0 Chrome/"
        ),
        _hints(
            "Android",
            "16.0.0",
            ("Chromium", chromium),
            ("Samsung Internet", samsung),
            model="SM-X826B",
        ),
    )


def firefox_linux(version: int) -> Agent:
    return Agent(
        "Firefox on Linux",
        f"Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0",
    )


def firefox_windows(version: int) -> Agent:
    return Agent(
        "Firefox on Windows",
        f"Mozilla/5.0 ({_WINDOWS}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0",
    )


def firefox_android(version: int) -> Agent:
    return Agent(
        "Firefox on Android",
        f"Mozilla/5.0 (Android 16; Mobile; rv:{version}.0) Gecko/{version}.0 Firefox/{version}.0",
    )


def safari_mac(version: str) -> Agent:
    return Agent(
        "Safari on a Mac",
        f"Mozilla/5.0 ({_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version} "
        "Safari/605.1.15",
    )


def safari_iphone(version: str) -> Agent:
    return Agent(
        "Safari on an iPhone",
        f"Mozilla/5.0 (iPhone; CPU iPhone OS {_IPHONE[version]} like Mac OS X) "
        f"AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version} Mobile/15E148 Safari/604.1",
    )


def iphone_app(build: int, darwin: str) -> Agent:
    return Agent("an app on an iPhone", f"Fieldnotes/{build} CFNetwork/3860.100.1 Darwin/{darwin}")


CHROME_WINDOWS = chrome_windows(142)
EDGE_WINDOWS = edge_windows(142)
OPERA_MAC = opera_mac(123)
CHROME_CHROMEBOOK = chrome_chromebook(142)
FIREFOX_LINUX = firefox_linux(144)
FIREFOX_WINDOWS = firefox_windows(145)
SAFARI_MAC = safari_mac("26.0")
SAFARI_IPHONE = safari_iphone("26.0")
CHROME_IPAD = Agent(
    "Chrome on an iPad",
    "Mozilla/5.0 (iPad; CPU OS 26_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1",
)
CHROME_PIXEL = chrome_android("Pixel 9", 142)
FIREFOX_ANDROID = firefox_android(144)
SAMSUNG_TABLET = samsung_tablet(29)
ANDROID_APP = Agent(
    "an app on a Pixel 8a", "Fieldnotes/3.18.0 (Android 16; Pixel 8a) okhttp/4.12.0"
)
IPHONE_APP = iphone_app(318, "25.0.0")
CURL = Agent("curl", "curl/8.16.0")
PYTHON_SCRIPT = Agent("a Python script", "python-requests/2.32.5")
POSTMAN = Agent("Postman", "PostmanRuntime/7.49.1")
