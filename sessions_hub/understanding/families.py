"""uap-core's browser families in our names, by type of client."""

from __future__ import annotations

BROWSERS: dict[str, str] = {
    "AVG": "AVG Secure Browser",
    "Amazon Silk": "Mobile Silk",
    "Android": "Android Browser",
    "Avast": "Avast Secure Browser",
    "BlackBerry": "BlackBerry Browser",
    "BlackBerry WebKit": "BlackBerry Browser",
    "Brave Mobile": "Brave",
    "Chrome Mobile WebView": "Chrome Webview",
    "DuckDuckGo": "DuckDuckGo Privacy Browser",
    "DuckDuckGo Mobile": "DuckDuckGo Privacy Browser",
    "Edge": "Microsoft Edge",
    "Edge Mobile": "Microsoft Edge",
    "Epiphany": "GNOME Web",
    "Firefox iOS": "Firefox Mobile iOS",
    "HeadlessChrome": "Headless Chrome",
    "Huawei Browser": "Huawei Browser Mobile",
    "IE": "Internet Explorer",
    "IE Large Screen": "Internet Explorer",
    "K-Meleon": "K-meleon",
    "Kindle": "Kindle Browser",
    "MiuiBrowser": "MIUI Browser",
    "Mobile Safari UI/WKWebView": "Mobile Safari",
    "Opera Coast": "Opera",
    "Opera Tablet": "Opera Mobile",
    "QQ Browser Mini": "QQ Browser",
    "QQ Browser Mobile": "QQ Browser",
    "Samsung Internet": "Samsung Browser",
    "Silk": "Mobile Silk",
    "UP.Browser": "Openwave Mobile Browser",
    "Whale": "Whale Browser",
}

LIBRARIES: dict[str, str] = {
    "Android HttpURLConnection": "HttpURLConnection",
    "Apache-HttpClient": "Apache HTTP Client",
    "Go-http-client": "Go-http-client",
    "GuzzleHttp": "Guzzle",
    "HTTPie": "HTTPie",
    "Java": "Java",
    "PostmanRuntime": "Postman",
    "Python Requests": "Python Requests",
    "Python aiohttp": "aiohttp",
    "Python/aiohttp": "aiohttp",
    "Python-urllib": "Python urllib",
    "Wget": "Wget",
    "axios": "Axios",
    "curl": "curl",
    "go-resty": "Resty",
    "insomnia": "Insomnia",
    "libcurl-agent": "curl",
    "libwww-perl": "Perl",
    "okhttp": "OkHttp",
    "reqwest": "reqwest",
}

MAIL: dict[str, str] = {
    "Apple Mail": "Apple Mail",
    "Lotus Notes": "Lotus Notes",
    "Outlook": "Microsoft Outlook",
    "Outlook-Express": "Outlook Express",
    "Thunderbird": "Thunderbird",
    "Windows Live Mail": "Windows Live Mail",
}

APPS: dict[str, str] = {
    "Baidu Box App": "Baidu Box App",
    "Facebook": "Facebook",
    "Facebook Messenger": "Facebook Messenger",
    "Flipboard": "Flipboard",
    "Google": "Google Search App",
    "Instagram": "Instagram",
    "KAKAOTALK": "KakaoTalk",
    "Line": "LINE",
    "LinkedIn": "LinkedIn",
    "Microsoft Teams": "Microsoft Teams",
    "Pinterest": "Pinterest",
    "Slack": "Slack",
    "Snapchat": "Snapchat",
    "TikTok": "TikTok",
    "Twitter": "Twitter",
    "WeChat": "WeChat",
    "WhatsApp": "WhatsApp",
}

PLAYERS: dict[str, str] = {
    "AppleCoreMedia": "AppleCoreMedia",
    "QuickTime": "QuickTime",
    "VLC": "VLC",
    "Windows-Media-Player": "Windows Media Player",
    "iTunes": "iTunes",
}

READERS: dict[str, str] = {
    "FeedDemon": "FeedDemon",
    "Liferea": "Liferea",
    "NetNewsWire": "NetNewsWire",
    "NewsBlur Feed Fetcher": "NewsBlur",
    "Reeder": "Reeder",
    "Vienna": "Vienna",
}

# Type of client → its families. Whoever is in none of them is a browser or unknown.
TYPES: tuple[tuple[str, dict[str, str]], ...] = (
    ("library", LIBRARIES),
    ("mobile app", APPS),
    ("pim", MAIL),
    ("mediaplayer", PLAYERS),
    ("feed reader", READERS),
)

# Android app id, as X-Requested-With names it → type and name.
ANDROID_APPS: dict[str, tuple[str, str]] = {
    "com.android.chrome": ("browser", "Chrome Mobile"),
    "com.brave.browser": ("browser", "Brave"),
    "com.duckduckgo.mobile.android": ("browser", "DuckDuckGo Privacy Browser"),
    "com.facebook.katana": ("mobile app", "Facebook"),
    "com.facebook.lite": ("mobile app", "Facebook Lite"),
    "com.facebook.orca": ("mobile app", "Facebook Messenger"),
    "com.google.android.gm": ("mobile app", "Gmail"),
    "com.google.android.googlequicksearchbox": ("mobile app", "Google Search App"),
    "com.huawei.browser": ("browser", "Huawei Browser Mobile"),
    "com.instagram.android": ("mobile app", "Instagram"),
    "com.kakao.talk": ("mobile app", "KakaoTalk"),
    "com.linkedin.android": ("mobile app", "LinkedIn"),
    "com.microsoft.emmx": ("browser", "Microsoft Edge"),
    "com.microsoft.office.outlook": ("mobile app", "Microsoft Outlook"),
    "com.microsoft.teams": ("mobile app", "Microsoft Teams"),
    "com.opera.browser": ("browser", "Opera Mobile"),
    "com.opera.mini.native": ("browser", "Opera Mini"),
    "com.pinterest": ("mobile app", "Pinterest"),
    "com.reddit.frontpage": ("mobile app", "Reddit"),
    "com.sec.android.app.sbrowser": ("browser", "Samsung Browser"),
    "com.Slack": ("mobile app", "Slack"),
    "com.snapchat.android": ("mobile app", "Snapchat"),
    "com.tencent.mm": ("mobile app", "WeChat"),
    "com.twitter.android": ("mobile app", "Twitter"),
    "com.UCMobile.intl": ("browser", "UC Browser"),
    "com.whatsapp": ("mobile app", "WhatsApp"),
    "com.zhiliaoapp.musically": ("mobile app", "TikTok"),
    "jp.naver.line.android": ("mobile app", "LINE"),
    "org.mozilla.firefox": ("browser", "Firefox Mobile"),
    "org.telegram.messenger": ("mobile app", "Telegram"),
}
