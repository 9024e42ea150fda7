"""Apps, mail, players, feeds, libraries, and what the tables of clients hold."""

from __future__ import annotations

import pytest

from sessions_hub.understanding.backends.user_agents.apps import APPS, BARE_APPS
from sessions_hub.understanding.backends.user_agents.browsers import BARE_BROWSERS, BROWSERS
from sessions_hub.understanding.backends.user_agents.known_clients import KNOWN
from sessions_hub.understanding.backends.user_agents.libraries import (
    AUTOMATION,
    BARE_LIBRARIES,
    LIBRARIES,
    PLATFORMS,
)
from sessions_hub.understanding.backends.user_agents.readers import (
    BARE_READERS,
    FEED_READERS,
    PERSONAL,
    PLAYERS,
)
from sessions_hub.understanding.backends.user_agents.vintage_browsers import (
    BARE_VINTAGE,
    VINTAGE_BROWSERS,
)

from .test_clients import BACKEND, DESKTOP, GECKO, IE, IPHONE, LINUX, MAC, VIEW


@pytest.mark.parametrize(
    ("agent", "kind", "name", "version"),
    [
        # In-app browsers.
        (
            f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/525.0.0.53.107;]",
            "mobile app",
            "Facebook",
            "525.0.0.53.107",
        ),
        (f"{VIEW} [FB_IAB/FB4A;FBAV/480.0.0.40;]", "mobile app", "Facebook", "480.0.0.40"),
        (f"{VIEW} [FBAN/EMA;FBAV/390.0.0.9;]", "mobile app", "Facebook Lite", "390.0.0.9"),
        (f"{VIEW} [FB_IAB/Orca-Android;FBAV/461.0;]", "mobile app", "Facebook Messenger", "461.0"),
        (
            f"{IPHONE} [FBAN/MessengerForiOS;FBAV/461.0;]",
            "mobile app",
            "Facebook Messenger",
            "461.0",
        ),
        (
            f"{IPHONE} [FBAN/MessengerLiteForiOS;FBAV/3.1;]",
            "mobile app",
            "Facebook Messenger Lite",
            "3.1",
        ),
        (f"{IPHONE} [FBAN/FBPageAdmin;FBAV/63.0;]", "mobile app", "Meta Business Suite", "63.0"),
        (f"{VIEW} MetaIAB Facebook", "mobile app", "Facebook", ""),
        (
            f"{VIEW} Instagram 385.0.0.32 Android (34/14; 420dpi)",
            "mobile app",
            "Instagram",
            "385.0.0.32",
        ),
        (f"{VIEW} Barcelona 289.0.0.77 Android (34/14)", "mobile app", "Threads", "289.0.0.77"),
        (
            f"{VIEW} musical_ly_2023501030 AppName/musical_ly app_version/35.1.3",
            "mobile app",
            "TikTok",
            "35.1.3",
        ),
        (
            f"{IPHONE} Mobile/15E148 musical_ly_34.5.0 BytedanceWebview/d8a21c6",
            "mobile app",
            "TikTok",
            "34.5.0",
        ),
        (
            f"{IPHONE} aweme_31.9.0 aweme/31.9.0 BytedanceWebview/d8a21c6",
            "mobile app",
            "Douyin",
            "31.9.0",
        ),
        (
            f"{VIEW} MQQBrowser/6.2 TBS/045 MicroMessenger/8.0.50(0x2800) NetType/WIFI",
            "mobile app",
            "WeChat",
            "8.0.50",
        ),
        (f"{VIEW} Line/14.15.1/IAB", "mobile app", "Line", "14.15.1"),
        (f"{IPHONE} Mobile/15E148 KAKAOTALK 10.8.0", "mobile app", "KakaoTalk", "10.8.0"),
        (f"{VIEW} KAKAOTALK ", "mobile app", "KakaoTalk", ""),
        (f"{VIEW} KAKAOTALK; 10.8.0", "mobile app", "KakaoTalk", ""),
        (f"{VIEW} [Pinterest/Android] 7.1", "mobile app", "Pinterest", ""),
        (f"{VIEW} Pinterest/Android/", "mobile app", "Pinterest", ""),
        (f"{IPHONE} Mobile/15E148 [LinkedInApp]/9.30.1158", "mobile app", "LinkedIn", "9.30.1158"),
        (
            f"{IPHONE} GSA/380.0 Mobile/15E148 Safari/604.1",
            "mobile app",
            "Google Search App",
            "380.0",
        ),
        (f"{IPHONE} Mobile/15E148 Twitter for iPhone/10.40", "mobile app", "Twitter", "10.40"),
        (
            f"{VIEW} Weibo (samsung-SM-S9180__weibo__14.9.3__android__android14)",
            "mobile app",
            "Sina Weibo",
            "14.9.3",
        ),
        (
            f"{VIEW} Reddit/Version 2024.30.0/Build 1731544/Android 14",
            "mobile app",
            "Reddit",
            "2024.30.0",
        ),
        (f"{VIEW} NAVER(inapp; search; 2000; 12.8.5)", "mobile app", "Naver", "12.8.5"),
        (f"{VIEW} BNC/2.0 (Android 2.90.1)", "mobile app", "Binance", "2.90.1"),
        # An app nobody knows: in a WebView, in Electron, on iOS without Safari.
        (f"{VIEW} Zorp/3.1 NetType/4G", "mobile app", "Zorp", "3.1"),
        (f"{VIEW.replace('; wv', '')} Zorp/3.1", "mobile app", "Zorp", "3.1"),
        (f"{VIEW.replace('Version/4.0 ', '')} Zorp/3.1", "mobile app", "Zorp", "3.1"),
        (f"{IPHONE} Mobile/15E148 Zorp/3.1", "mobile app", "Zorp", "3.1"),
        (
            f"{MAC} AppleWebKit/537.36 Zorp/3.1 Chrome/126.0 Electron/31.3 Safari/537.36",
            "mobile app",
            "Zorp",
            "3.1",
        ),
        (
            f"{MAC} AppleWebKit/537.36 QtWebEngine/6.5 Chrome/126.0 Safari/537.36 Zorp/3.1",
            "mobile app",
            "Zorp",
            "3.1",
        ),
        (
            f"{MAC} AppleWebKit/537.36 Code/1.94.2 Chrome/124.0 Electron/30.5",
            "mobile app",
            "Visual Studio Code",
            "1.94.2",
        ),
        # Apps that do not pose as a browser.
        ("Zorp/3.1 (Android 14; Pixel 8) okhttp/4.12.0", "mobile app", "Zorp", "3.1"),
        ("ZorpAndroid/3.1 (Pixel; okhttp/4.12.0)", "mobile app", "ZorpAndroid", "3.1"),
        (
            "Zorp Notes/3.1 (com.example.zorp; build:4; iOS 17.5.1) Alamofire/5.9.1",
            "mobile app",
            "Zorp Notes",
            "3.1",
        ),
        ("Zorp%20Notes/3.1 CFNetwork/1568.1 Darwin/24.1.0", "mobile app", "Zorp Notes", "3.1"),
        ("Zorp/412 CFNetwork/1568.1 Darwin/24.1.0", "mobile app", "Zorp", ""),
        ("Zorp/412 CFNetwork/1568.1 Darwin/24.1.0 (x86_64)", "mobile app", "Zorp", "412"),
        (
            "ZorpAndroid-8.27.3/Dalvik/2.1.0 (Linux; U; Android 9)",
            "mobile app",
            "ZorpAndroid",
            "8.27.3",
        ),
        ("Zorp/x CFNetwork/1568.1 Darwin/24.1.0", "mobile app", "Zorp", ""),
        ("ZorpIphone/3.1", "mobile app", "ZorpIphone", "3.1"),
        ("Spotify/8.9.44 iOS/17.5 (iPhone14,5)", "mobile app", "Spotify", "8.9.44"),
        # Office
        (
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
            "pim",
            "Microsoft Outlook",
            "16.0.17928",
        ),
        (
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Excel 16.0.17928; Pro)",
            "mobile app",
            "Microsoft Office Excel",
            "16.0.17928",
        ),
        (
            "Microsoft Office Word/16.78 (Mac OS/13.5; Desktop)",
            "mobile app",
            "Microsoft Office Word",
            "16.78",
        ),
        (
            "Word/16.78 (Mac OS/13.5; Desktop; en-US; AppStore)",
            "mobile app",
            "Microsoft Office Word",
            "16.78",
        ),
        (
            f"{IE}; Microsoft Outlook 16.0.5173; ms-office; MSOffice 16)",
            "pim",
            "Microsoft Outlook",
            "16.0.5173",
        ),
        # Mail, players, feeds
        (f"{GECKO} Thunderbird/128.2.0", "pim", "Thunderbird", "128.2.0"),
        (f"{GECKO} Firefox/128.0 SeaMonkey/2.53.19", "pim", "SeaMonkey", "2.53.19"),
        (f"{DESKTOP} Safari/537.36 eM Client/9.2.2202", "pim", "eM Client", "9.2.2202"),
        ("Mail/3774.600.62 CFNetwork/1494.0.7 Darwin/23.4.0", "pim", "Apple Mail", "3774.600.62"),
        ("VLC/3.0.21 LibVLC/3.0.21", "mediaplayer", "VLC", "3.0.21"),
        ("iTunes/12.13 (Windows; N) Podkicker/1.9.4", "mobile app", "Podkicker", "1.9.4"),
        ("iTunes/12.13 (Windows; N)", "mediaplayer", "iTunes", "12.13"),
        ("NetNewsWire (RSS Reader; https://netnewswire.com/)", "feed reader", "NetNewsWire", ""),
        # Libraries: the one that speaks, not what it is written in.
        ("Python/3.12 aiohttp/3.9.5", "library", "aiohttp", "3.9.5"),
        ("zorp-service/2.0 python-requests/2.32", "library", "Python Requests", "2.32"),
        (
            f"{LINUX[:-1]}; Microsoft Windows 10.0) PowerShell/7.4.6",
            "library",
            "PowerShell",
            "7.4.6",
        ),
        ("Opera News/8.3.2254", "mobile app", "Opera News", "8.3.2254"),
        ("Java/17.0.2", "library", "Java", "17.0.2"),
        ("python-requests/2.32.3", "library", "Python Requests", "2.32.3"),
        ("curl/8.7.1", "library", "curl", "8.7.1"),
        ("okhttp/4.12.0", "library", "OkHttp", "4.12.0"),
        ("nscurl/3870.1 CFNetwork/3870.1 Darwin/26.0.0", "library", "nscurl", "3870.1"),
        ("newsbeuter/2.9 (Linux) libcurl/7.22.0", "feed reader", "Newsbeuter", "2.9"),
        ("git/2.45.1 (GitHub Desktop/3.4.6; win32 x64)", "mobile app", "GitHub Desktop", "3.4.6"),
        ("zorp-sdk/9.3.7 (Linux x86_64) Python/3.12.7", "library", "zorp-sdk", "9.3.7"),
        ("zorp-sdk 9.3.7 (Linux x86_64) curl/8.1", "library", "curl", "8.1"),
        ("zorp/v1.31.2 (linux/amd64)", "library", "zorp", "1.31.2"),
        ("GitHub CLI 2.63.0", "library", "GitHub CLI", "2.63.0"),
        ("Faraday v2.12.0", "library", "Faraday", "2.12.0"),
        ("IPinfoClient/Ruby/2.2.1", "library", "IPinfo", "2.2.1"),
        ("undici", "library", "undici", ""),
        (
            "Mozilla/4.0 (compatible; Win32; WinHttp.WinHttpRequest.5)",
            "library",
            "WinHttp WinHttpRequest",
            "5",
        ),
        (
            f"{LINUX} AppleWebKit/538.1 PhantomJS/2.1.1 Safari/538.1",
            "library",
            "PhantomJS",
            "2.1.1",
        ),
        (f"{VIEW} okhttp/4.9", "browser", "Chrome Webview", "140.0.7339.51"),
        ("AppwriteCLI/8.1.0 (nodejs; linux)", "desktop", "Appwrite CLI", "8.1.0"),
        # What names itself in a comment, with an address
        ("Mozilla/5.0 (compatible; Zorpscan/1.1; +https://zorp.example/)", "", "Zorpscan", "1.1"),
        ("Mozilla/5.0 (compatible; Zorpscan/1.1)", "", "", ""),
        ("LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient)", "", "LinkedInBot", "1.0"),
        ("Mozilla/5.0 (compatible; Zorpscan/x; +https://zorp.example/)", "", "Zorpscan", ""),
        # Bots, by their own word or uap-core's
        (
            "Mozilla/5.0; compatible; ChatGPT-User/1.0; +https://o.example/bot",
            "",
            "ChatGPT-User",
            "1.0",
        ),
        ("Mozilla/5.0 (compatible; Yahoo! Slurp)", "", "Yahoo! Slurp", ""),
        # Nobody
        ("(x) CFNetwork/1568.1 Darwin/24.1.0", "", "", ""),
        ("Zorp 3.1", "", "", ""),
        ("Zorp/x", "", "", ""),
        ("SonyEricssonX1/1.0 Browser/1.0 Profile/MIDP-2.0 Configuration/CLDC-1.1", "", "", ""),
        ("Zorp", "", "", ""),
        ("please let me in", "", "", ""),
        ("12345", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_applications_and_libraries(agent, kind, name, version) -> None:
    facts = BACKEND.parse(agent, {})
    assert (facts.client_type, facts.client_name, facts.client_version) == (kind, name, version)
    assert facts.client_code == {"desktop": "cli", "browser": "CV"}.get(kind, "")


def test_tables_are_read_in_lower_case() -> None:
    assert all(token == token.lower() for token in KNOWN)
    bare = BARE_APPS | BARE_BROWSERS | BARE_LIBRARIES | BARE_READERS | BARE_VINTAGE
    assert bare <= set(KNOWN)
    assert all(KNOWN[token].bare for token in bare)


def test_no_token_stands_in_two_tables() -> None:
    tables = (APPS, BROWSERS, VINTAGE_BROWSERS, PLAYERS, PERSONAL, FEED_READERS, LIBRARIES)
    tokens = [token for table in (*tables, PLATFORMS, AUTOMATION) for token in table]
    assert [token for token in tokens if tokens.count(token) > 1] == []
