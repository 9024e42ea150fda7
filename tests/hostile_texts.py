"""Texts that make careless expressions expensive, and patterns for whole headers.

Shared by the tests (nothing fails on them) and by tests/benchmarks/hostile.py (what
they cost). Every text is longer than what is kept of a user agent; cut it to measure.
"""

from __future__ import annotations

# What is kept of a user agent.
CAP = 512

ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"

# Repeated until they are long enough: (beginning, what is repeated, end).
_FAMILIES: dict[str, tuple[str, str, str]] = {
    # Characters
    "digits": ("", "1", ""),
    "digits of a version": ("Chrome/", "1", ""),
    "one long word": ("", "A", "/"),
    "a word behind a comment": ("Mozilla/5.0 ;", "a", "@"),
    "letters and digits": ("", "a1", ""),
    "dots": ("", ".", ""),
    "dots of a version": ("Version/", "1.", " Safari/"),
    "dots behind Android": ("Android 1", "1.", ""),
    "dots behind Chrome": (f"{WINDOWS} Chrome/", "1.", ""),
    "addresses as versions": ("", "1.2.3.4/", ""),
    "dashes": ("", "-", ""),
    "hyphens": (f"{ANDROID} ", "a-", ""),
    "underscores": ("TV_", "a_", ""),
    "slashes": ("", "/", ""),
    "letters and slashes": ("", "a/", ""),
    "semicolons": ("", ";", ""),
    "white space": ("Android", " ", "Build"),
    "only white space": ("", " ", ""),
    "percent": ("", "%20", ""),
    "symbols": ("", "\U0001f600 ", ""),
    # Brackets
    "opening brackets": ("Mozilla/5.0 ", "(", ""),
    "only opening brackets": ("", "(", ""),
    "closed brackets": ("Mozilla/5.0 ", "()", ""),
    "nested brackets": ("Mozilla/5.0 ", "(a;", ""),
    "comments of Android": ("Android 10", ";a(b)", ""),
    "closing brackets": ("Mozilla/5.0 (X11", ") Chrome/1.1", ""),
    "mobile comments": ("", "(Mobile;", ""),
    # Words
    "words without end": ("Mozilla/5.0 (Linux; Android 10; ", "a ", ""),
    "words behind Android": ("Android 10; ", "a ", ""),
    "words before Mobile": ("Android 10; ", "a ", " Mobile"),
    "words behind Chrome": (f"{ANDROID} ", "a ", ""),
    "capitals": ("", "A ", ""),
    "a program of words": ("Microsoft Office/; Microsoft A", " B", ""),
    "programs": ("", "browser ", ""),
    "plays": ("", "Play", ""),
    # Products
    "products": ("", "a/1 ", ""),
    "products of a browser": ("Mozilla/5.0 AppleWebKit/1 ", "Ab1/1 ", ""),
    "empty products": ("", "Chrome/", ""),
    "short products": ("", "BNC/", ""),
    "products of Facebook": ("", "FBDV/", ""),
    "frameworks": ("", "CFNetwork/ Darwin/1.1 ", ""),
    "application ids": ("", "com.a.b-", ""),
    # Systems
    "systems": ("", "Windows NT 10.0; Android 10; iPhone OS 18_6 ", ""),
    "systems in a comment": ("Mozilla/5.0 (", "Linux; ", ""),
    "Windows": ("", "Windows NT 10.0; ", ""),
    "Windows without a version": ("", "Windows NT ", ""),
    "Macs": ("", "Mac OS X ", ""),
    "iMacs": ("", "iMac1,", ""),
    "iPhones": ("", "CPU iPhone OS 1_", ""),
    "iPhones in a comment": ("", "iPhone; iOS ", ""),
    "Androids": ("", "Android 10; ", ""),
    "ubuntus": ("", "ubuntu ", ""),
    "mandrivas": ("", "Mandriva ", ""),
    "chromebooks": ("", "Chromebook ", ""),
    "symbians": ("", "Symbian S60 ", ""),
    "blackberries": ("", "BlackBerry; U;", ""),
    "blackberries 10": ("", "BB10 ", ""),
    "webOS": ("", "webOS", ""),
    "MRE": ("", "(MRE/", ""),
    "MAUI": ("MAUI/", "_-", ""),
    # Devices
    "builds": ("", "Android 10; SM-G Build/", ""),
    "short builds": ("", "Android 10; a Build/", ""),
    "models": ("", "Android 10; SM-G9", ""),
    "Nokias": ("Nokia", "a", ""),
    "Kindles": ("", "; KFA", ""),
    "Fire TVs": ("", "; AFTA", ""),
    "phones of UCWEB": ("UCWEB/(a", "; b", ""),
    "phones of IEMobile": ("IEMobile/1; ", "a; ", ""),
    "televisions": ("", "BRAVIA HbbTV/1.1.1 (;;;;", ""),
    "televisions of Samsung": ("HbbTV/1.1.1 (; ", "Samsung; ", ""),
    "televisions with models": ("", "HbbTV(", "(a;b"),
    "televisions without": ("", "HbbTV ", "(a;b;c)"),
    "BRAVIA": ("", "BRAVIA", ""),
    "Google TVs": ("", "GoogleTV X11 ", ""),
    "INETTV": ("", "InettvBrowser ", ""),
    "an office": ("", "; a/", " Microsoft Office"),
    # Bots
    "bots": ("", "bot crawler spider ", ""),
    "phones called bot": ("", "cubot", ""),
    "spidermen": ("", "spiderman", ""),
    "mail addresses": ("Mozilla/5.0 ", "; a.a", "@"),
    "compatible": ("Mozilla/5.0 ", "compatible; ", "http"),
    "an address": ("compatible; ://", "a", ""),
    "addresses": ("", "https://", ""),
    "hosts": ("", "http://a.bc ", ""),
    "languages": ("Mozilla/5.0 (X11", "; en", ""),
    "views": ("Mozilla/5.0 (Linux; Android", "; wv", ""),
}


def of_length(name: str, length: int) -> str:
    """The text of that family with exactly that many characters."""
    beginning, repeated, end = _FAMILIES[name]
    room = length - len(beginning) - len(end)
    return (beginning + (repeated * (room // len(repeated) + 1))[: max(room, 0)] + end)[:length]


FAMILIES = tuple(_FAMILIES)

# What fills every header at once in a hostile request.
HEADER_PATTERNS = {
    "commas": ",",
    "quotes": '"',
    "brackets": "[",
    "round brackets": "(",
    "quoted commas": '",',
    "escapes": "\\",
    "escaped quotes": '\\",',
    "semicolons": ";",
    "parameters": 'for="a",;',
    "equals": "for==",
    "addresses": "10.0.0.2,",
    "forwarded": 'for="[2001:db8::1]:4711";by=_x, ',
    "colons": ":",
    "percents": "::1%",
    "digits": "1",
    "spaces": " ",
    "nuls": "\x00",
    "latin-1": "\xff",
    "UTF-8": "\xf0\x9f\x98\x80",
    "directions": "\u202e",
}

# What people write into names, to be read by others: markup, a change of direction, a
# formula of a spreadsheet, and characters twice as wide without a place to break.
_MARKUP = "</bdi></title><script>window.hurt=1</script><img src=x onerror=window.hurt=1>"
NAMES = {
    "markup": _MARKUP,
    "directions": "\u202eevil\u2066",
    "formulas": "=cmd()",
    "wide": "\u6f22" * CAP,
}
