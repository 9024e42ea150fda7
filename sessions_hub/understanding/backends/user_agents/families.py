"""uap-core's families in our names, where no token of the text tells the client."""

from __future__ import annotations

BROWSERS: dict[str, str] = {
    "Android": "Android Browser",
    "BlackBerry": "BlackBerry Browser",
    "BlackBerry WebKit": "BlackBerry Browser",
    "Chrome Mobile WebView": "Chrome Webview",
    "Edge Mobile": "Microsoft Edge",
    "Epiphany": "GNOME Web",
    "Firefox iOS": "Firefox Mobile iOS",
    "HeadlessChrome": "Headless Chrome",
    "IE": "Internet Explorer",
    "IE Large Screen": "Internet Explorer",
    "K-Meleon": "K-meleon",
    "Mobile Safari UI/WKWebView": "Mobile Safari",
    "Opera Coast": "Opera",
    "Opera Tablet": "Opera Mobile",
    "UP.Browser": "Openwave Mobile Browser",
}

# Type and name of what is no browser.
APPLICATIONS: dict[str, tuple[str, str]] = {
    "Android HttpURLConnection": ("library", "HttpURLConnection"),
    "Lotus Notes": ("pim", "Lotus Notes"),
    "Outlook": ("pim", "Microsoft Outlook"),
    "Python Requests": ("library", "Python Requests"),
    "Python aiohttp": ("library", "aiohttp"),
    "Python/aiohttp": ("library", "aiohttp"),
    "QuickTime": ("mediaplayer", "QuickTime"),
    "Windows Live Mail": ("pim", "Windows Live Mail"),
    "Windows-Media-Player": ("mediaplayer", "Windows Media Player"),
}
