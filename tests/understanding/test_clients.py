"""Browsers, apps, libraries and engines by the user agent alone."""

from __future__ import annotations

import pytest

from sessions_hub.understanding.backends.user_agents import UserAgentsBackend

BACKEND = UserAgentsBackend()

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
CHROMIUM = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
DESKTOP = f"{WINDOWS} {CHROMIUM}"
PHONE = f"Mozilla/5.0 (Linux; Android 10; K) {CHROMIUM} Mobile"
VIEW = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 7 Build/UQ1A; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko)"
)
GECKO = f"{WINDOWS[:-1]}; rv:128.0) Gecko/20100101"
IE = "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0"
BLINK = ("Blink", "140.0.0.0")
VIEW_BLINK = ("Blink", "140.0.7339.51")
WEBKIT = ("WebKit", "605.1.15")


def client(agent: str) -> tuple[str, str, str, str]:
    facts = BACKEND.parse(agent, {})
    return facts.client_type, facts.client_code, facts.client_name, facts.client_version


def engine(agent: str) -> tuple[str, str]:
    facts = BACKEND.parse(agent, {})
    return facts.client_engine, facts.client_engine_version


@pytest.mark.parametrize(
    ("agent", "code", "name", "version", "by"),
    [
        # What everyone poses as, and nothing else.
        (f"{DESKTOP} Safari/537.36", "CH", "Chrome", "140.0.0.0", BLINK),
        (f"{PHONE} Safari/537.36", "CM", "Chrome Mobile", "140.0.0.0", BLINK),
        (VIEW, "CV", "Chrome Webview", "140.0.7339.51", VIEW_BLINK),
        (f"{GECKO} Firefox/128.0", "FF", "Firefox", "128.0", ("Gecko", "128.0")),
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0",
            "FM",
            "Firefox Mobile",
            "128.0",
            ("Gecko", "128.0"),
        ),
        (
            f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1",
            "MF",
            "Mobile Safari",
            "17.5",
            WEBKIT,
        ),
        (f"{IPHONE} Mobile/15E148", "MF", "Mobile Safari", "", WEBKIT),
        (
            f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            "SF",
            "Safari",
            "18.1",
            WEBKIT,
        ),
        (
            "Mozilla/5.0 (Linux; U; Android 4.4.2; de-de; GT-P5210 Build/KOT49H) "
            "AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Safari/534.30",
            "AN",
            "Android Browser",
            "",
            ("WebKit", "534.30"),
        ),
        (f"{LINUX} {CHROMIUM} Safari/537.36 HbbTV/1.6.1", "CH", "Chrome", "140.0.0.0", BLINK),
        (f"{PHONE} Safari/537.36 Crosswalk/23.53", "CM", "Chrome Mobile", "140.0.0.0", BLINK),
        (f"{VIEW} Crosswalk/23.53", "CV", "Chrome Webview", "140.0.7339.51", VIEW_BLINK),
        (
            f"{LINUX} {CHROMIUM} Safari/537.36 CrKey/1.56.500000 DeviceType/Chromecast",
            "CH",
            "Chrome",
            "140.0.0.0",
            BLINK,
        ),
        (
            "Acme AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
            "CH",
            "Chrome",
            "140.0.0.0",
            BLINK,
        ),
        # A token of its own beats what it is built from, wherever it stands.
        (
            f"{DESKTOP} Safari/537.36 Edg/140.0.3485.54",
            "PS",
            "Microsoft Edge",
            "140.0.3485.54",
            BLINK,
        ),
        (f"{DESKTOP} Safari/537.36 OPR/124.0.0.0", "OP", "Opera", "124.0.0.0", BLINK),
        (f"{PHONE} Safari/537.36 OPR/91.0.0.0", "OM", "Opera Mobile", "91.0.0.0", BLINK),
        (f"{DESKTOP} Vivaldi/7.6.3797.63 Safari/537.36", "VI", "Vivaldi", "7.6.3797.63", BLINK),
        (f"{DESKTOP} Whale/4.33.325.17 Safari/537.36", "WH", "Whale Browser", "4.33.325.17", BLINK),
        (f"{GECKO} Firefox/128.0 Waterfox/6.5.0", "WF", "Waterfox", "6.5.0", ("Gecko", "128.0")),
        (
            f"{IPHONE} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1",
            "CI",
            "Chrome Mobile iOS",
            "140.0.7339.39",
            WEBKIT,
        ),
        (
            f"{IPHONE} EdgiOS/140.0.3485.54 Version/17.0 Mobile/15E148 Safari/604.1",
            "PS",
            "Microsoft Edge",
            "140.0.3485.54",
            WEBKIT,
        ),
        (
            f"{DESKTOP} LG Browser/8.00.00(LGE; OLED55C1; 03.21.30)",
            "LG",
            "LG Browser",
            "8.00.00",
            BLINK,
        ),
        (
            f"{LINUX} AppleWebKit/538.1 Google Earth Pro/7.3.6.9796 Safari/538.1",
            "GP",
            "Google Earth Pro",
            "7.3.6.9796",
            ("WebKit", "538.1"),
        ),
        # Of two the rank decides, then the order.
        (
            f"{PHONE} OculusBrowser/35.2.0.9.50 SamsungBrowser/4.0 VR Safari/537.36",
            "OC",
            "Oculus Browser",
            "35.2.0.9.50",
            BLINK,
        ),
        (f"{PHONE} SamsungBrowser/4.0 Quark/6.1.0", "QU", "Quark", "6.1.0", BLINK),
        (f"{DESKTOP} Vivaldi/7.6 Waterfox/6.5", "VI", "Vivaldi", "7.6", BLINK),
        # Nobody knows them, so they are called what they call themselves.
        (f"{DESKTOP} Safari/537.36 Zorp/3.1.4", "", "Zorp", "3.1.4", BLINK),
        (f"{GECKO} Zorp/3.1", "", "Zorp", "3.1", ("Gecko", "128.0")),
        (f"{GECKO} Kubuntu/24.04 Firefox/128.0", "FF", "Firefox", "128.0", ("Gecko", "128.0")),
        (f"{VIEW} ZorpBrowser/2.0", "", "ZorpBrowser", "2.0", VIEW_BLINK),
        (f"{IPHONE} Mobile/15E148 Safari/604.1 Zorp/2.0", "", "Zorp", "2.0", WEBKIT),
        # Products of the comment, of one or two letters, and without a number are no clients.
        (
            f"Mozilla/5.0 (Linux; Android 14; Zorp/1.2 Build/A) {CHROMIUM} Mobile",
            "CM",
            "Chrome Mobile",
            "140.0.0.0",
            BLINK,
        ),
        (f"{DESKTOP} Safari/537.36 zo/1.0", "CH", "Chrome", "140.0.0.0", BLINK),
        (f"{DESKTOP} Safari/537.36 Zorp/x", "CH", "Chrome", "140.0.0.0", BLINK),
        (f"{DESKTOP} Safari/537.36 NetType/4", "CH", "Chrome", "140.0.0.0", BLINK),
        (f"{DESKTOP} Safari/537.36 Herring/101.1", "CH", "Chrome", "140.0.0.0", BLINK),
        # Known by the name alone; others need a slash.
        ("Mozilla/5.0 (compatible; IBrowse 3.0; AmigaOS4.1)", "IB", "IBrowse", "3.0", ("", "")),
        ("Links (2.29; Linux 6.1.0 x86_64; GNU C 12.2)", "LI", "Links", "2.29", ("Text-based", "")),
        (f"{DESKTOP} Safari/537.36 vivaldi", "CH", "Chrome", "140.0.0.0", BLINK),
        (f"{IE}; Avant Browser)", "AA", "Avant Browser", "", ("Trident", "5.0")),
        (f"{IE}; Xavant Browser)", "IE", "Internet Explorer", "9.0", ("Trident", "5.0")),
    ],
)
def test_browsers(agent, code, name, version, by) -> None:
    assert client(agent) == ("browser", code, name, version)
    assert engine(agent) == by


@pytest.mark.parametrize(
    ("agent", "code", "name", "version"),
    [
        (f"{IE})", "IE", "Internet Explorer", "9.0"),
        (f"{IE.replace('Trident/5.0', 'Trident/7.0')})", "IE", "Internet Explorer", "11.0"),
        (
            "Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0)",
            "IM",
            "IE Mobile",
            "10.0",
        ),
        (f"{DESKTOP} OPR/20.0.1 (Edition Next)", "ON", "Opera Next", "20.0.1"),
        (f"{DESKTOP} OPR/120.0 (Edition GX)", "OX", "Opera GX", "120.0"),
        (
            "Opera/9.80 (J2ME/MIDP; Opera Mini; U; en) Presto/2.12 Version/12.1",
            "OI",
            "Opera Mini",
            "12.1",
        ),
        (
            "Opera/9.80 (Android; Opera Mini/36.2/119.1; U) Presto/2.12 Version/12.1",
            "OI",
            "Opera Mini",
            "36.2",
        ),
        ("Opera/9.30 (Nintendo Wii; U; ; 3642; fr)", "OP", "Opera", "9.30"),
        (f"{VIEW} YaBrowser/24.1.2.86 (lite)", "YL", "Yandex Browser Lite", "24.1.2.86"),
        (f"{DESKTOP} YaBrowser/25.2.1 (corp)", "Y4", "Yandex Browser Corp", "25.2.1"),
        (f"{DESKTOP} YaBrowser/25.2.1 YaBrowserCorp/140", "Y4", "Yandex Browser Corp", "25.2.1"),
        (f"{DESKTOP} YaBrowser/25.2.1", "YA", "Yandex Browser", "25.2.1"),
        (f"{PHONE} HuaweiBrowser/15.0.4.301", "HU", "Huawei Browser Mobile", "15.0.4.301"),
        (f"{DESKTOP} HuaweiBrowser/15.0.4.301", "HP", "Huawei Browser", "15.0.4.301"),
        (
            f"Mozilla/5.0 (PC; OpenHarmony 5.0) {CHROMIUM} ArkWeb/4.1.6.1",
            "HP",
            "Huawei Browser",
            "",
        ),
        (
            f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {CHROMIUM} ArkWeb/4.1",
            "HU",
            "Huawei Browser Mobile",
            "",
        ),
        (f"{DESKTOP} Tesla/2025.14.6", "TE", "Tesla Browser", "140.0.0.0"),
        (f"{DESKTOP} Puffin/10.2.0.100AP", "2P", "Puffin Web Browser", "10.2.0.100"),
        (f"{DESKTOP} Puffin/10.2.0.100FP", "7I", "Puffin Cloud Browser", "10.2.0.100"),
        (f"{DESKTOP} Puffin/10.2", "PU", "Puffin", "10.2"),
        (f"{DESKTOP} BIDUBrowser/2.1", "BS", "Baidu Spark", "2.1"),
        (f"{DESKTOP} SE 2.X MetaSr 1.0", "SE", "Sogou Explorer", "2"),
        (f"{DESKTOP} AOLShield/140.1", "A4", "AOL Shield Pro", "140.1"),
        (f"{GECKO} AOLShield/52.1", "AD", "AOL Shield", "52.1"),
        (
            f"{WINDOWS} AppleWebKit/537.36 HeadlessChrome/140.0.0.0 Edg/140.1",
            "H0",
            "Headless Edge",
            "140.1",
        ),
        # The number of the engine, or of a proxy, is not the browser's.
        (
            f"{LINUX} AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15 Epiphany/605.1.15",
            "EP",
            "GNOME Web",
            "",
        ),
        (
            "UCWEB/2.0 (Java; U; MIDP-2.0; en) U2/1.0.0 UCBrowser/9.5.0.449 U2/1.0.0",
            "UC",
            "UC Browser",
            "9.5.0.449",
        ),
        # Consoles; uap-core takes the one for a mail program.
        (
            "Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15",
            "NF",
            "NetFront",
            "",
        ),
        (
            "Mozilla/5.0 (Nintendo Switch; WebApplet) AppleWebKit/609.4 NF/6.0 NintendoBrowser/5.1",
            "3N",
            "Nintendo Browser",
            "5.1",
        ),
        # Feature phones.
        (
            "LAVA A1 (MRE/3.1.00;MAUI/A1;WAP Browser/MAUI (HTTP PGDL);)",
            "MW",
            "MAUI WAP Browser",
            "",
        ),
        ("Micromax X1/Q03 MAUI-Browser Profile/MIDP-2.0", "MW", "MAUI WAP Browser", ""),
        ("Acme_A2 MAUI/M1 Browser/Opera Profile/MIDP-2.0 Opera/9.80 (MTK)", "OP", "Opera", "9.80"),
        ("Acme_A1 Release/2012.03.01 Browser/Dorado1.0 Profile/MIDP-2.0", "DO", "Dorado", "1.0"),
        ("SonyEricssonX1/R1 Browser/NetFront/3.5 Profile/MIDP-2.1", "NF", "NetFront", "3.5"),
        ("SonyEricssonX1/R1 TelecaBrowser/Q07C1-1 Profile/MIDP-2.0", "OB", "Obigo", ""),
        (
            "KDDI-CA31 UP.Browser/6.2.0.7.3.129 (GUI) MMP/2.0",
            "OV",
            "Openwave Mobile Browser",
            "6.2.0.7.3.129",
        ),
        ("Zorp/1.0 (Java; U; MIDP-2.0) UCBrowser/9.5", "UC", "UC Browser", "9.5"),
        ("BlackBerry9700/5.0.0.862 Profile/MIDP-2.1", "BB", "BlackBerry Browser", "5.0.0.862"),
        # Apple's HTTP client and Android's, where a browser uses them.
        ("Aloha/30 CFNetwork/1568.1 Darwin/24.1.0", "AL", "Aloha Browser", "30"),
        ("Safari/18619.2.8 CFNetwork/1568.200.51 Darwin/24.1.0 (x86_64)", "SF", "Safari", ""),
        ("Safari5530.17 CFNetwork/438.12 Darwin/9.7.0 (i386)", "SF", "Safari", ""),
        ("Dalvik/2.1.0 (Linux; U; Android 13; SM-A125F Build/TP1A)", "AN", "Android Browser", ""),
    ],
)
def test_browsers_of_one_token_and_many_names(agent, code, name, version) -> None:
    assert client(agent) == ("browser", code, name, version)


@pytest.mark.parametrize(
    ("agent", "by"),
    [
        (
            f"{WINDOWS} AppleWebKit/537.36 Chrome/28.0.1500.95 Safari/537.36",
            ("Blink", "28.0.1500.95"),
        ),
        (f"{WINDOWS} AppleWebKit/537.36 Chrome/27.0.1453.94 Safari/537.36", ("WebKit", "537.36")),
        ("Mozilla/5.0 (Web0S) AppleWebKit/537.36 Chr0me/94.0 LG Browser/8.0", ("Blink", "94.0")),
        (f"{DESKTOP} Safari/537.36 Edge/18.19041", ("Edge", "18.19041")),
        (f"{GECKO} Goanna/6.7 PaleMoon/33.5", ("Goanna", "6.7")),
        (f"{IE})", ("Trident", "5.0")),
        ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", ("Trident", "")),
        ("Mozilla/4.0 (compatible; MSIE 8.0; chromeframe/32.0.1700.76)", ("WebKit", "")),
        ("Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18", ("Presto", "2.12.388")),
        ("Opera/9.30 (Nintendo Wii; U; ; 3642; fr)", ("Presto", "")),
        ("Opera/6.05 (Windows XP; U) [de]", ("Elektra", "")),
        ("Opera/7.54 (Windows NT 5.1; U) [de]", ("Presto", "")),
        (f"{IPHONE} OPiOS/8.0.0 Mobile/15E148 Safari/9537.53", WEBKIT),
        ("Mozilla/5.0 (Windows NT 5.1) Opera Mini", ("", "")),
        ("Mozilla/5.0 (X11; Linux) KHTML/4.14.2 (like Gecko) Konqueror/4.14", ("KHTML", "4.14.2")),
        ("SonyEricssonX1/R1 NetFront/3.5 Profile/MIDP-2.1", ("NetFront", "3.5")),
        ("Lynx/2.9.0dev.10 libwww-FM/2.14 SSL-MM/1.4.1", ("Text-based", "")),
        (f"{GECKO.replace('128.0', '109.0')} Firefox/117.0", ("Gecko", "117.0")),
        (f"{GECKO.replace('128.0', '109.0')} Firefox/109.0", ("Gecko", "109.0")),
        ("Mozilla/5 (X11; Linux) AppleWebKit/537.4 Firefox/23.0", ("Gecko", "")),
        ("Mozilla/5.0 (X11; U; rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3", ("Gecko", "1.9.2.3")),
        ("Mozilla/5.0 (X11; U; rv:1.9.2.3) Zorpo/20100401 Camino/2.4", ("", "")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit", ("WebKit", "")),
        ("Mozilla/5.0 (X11; rv:109.0) Gecko/20100101 MullvadBrowser/115.1", ("Gecko", "109.0")),
        ("Uzbl (Webkit 2.4) (Linux i686)", ("WebKit", "2.4")),
        ("Uzbl AppleWebKit (Linux i686)", ("WebKit", "")),
        (f"{IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", WEBKIT),
        ("Opera%20GX/41.2 CFNetwork/1331.0.7 Darwin/21.4.0", ("WebKit", "")),
        ("Dalvik/2.1.0 (Linux; U; Android 13; SM-A125F Build/TP1A)", ("WebKit", "")),
        ("Mozilla/5.0 (X11; Linux) Servo/1.0 Firefox/111.0", ("Servo", "1.0")),
        # An engine is told of browsers only.
        (f"{VIEW} Instagram 385.0.0.32.78", ("", "")),
    ],
)
def test_engines(agent, by) -> None:
    assert engine(agent) == by
