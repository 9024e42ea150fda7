"""Every client we know by a token of its own, and which token counts.

The agent of a browser lists the browsers it wants to pass for, an app's lists the
browser it is built on, and a program's the library it speaks with. So each token has
a rank, and the lowest one names the client.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from .apps import APPS, BARE_APPS
from .browsers import BARE_BROWSERS, BROWSERS
from .libraries import AUTOMATION, BARE_LIBRARIES, LIBRARIES, PLATFORMS
from .readers import BARE_READERS, FEED_READERS, PERSONAL, PLAYERS
from .vintage_browsers import BARE_VINTAGE, VINTAGE_BROWSERS


class Rank(IntEnum):
    """How much a token tells: the lowest counts."""

    PROGRAM = 0
    BROWSER = 1
    BASIS = 2
    LIBRARY = 3
    PLATFORM = 4


class Known(NamedTuple):
    """A client; `bare` when its name alone, without "/version", tells of it."""

    rank: Rank
    kind: str
    name: str
    bare: bool


_COMMAND_LINE = {"appwritecli": "Appwrite CLI"}
# Others are built from these, or pose as them, and keep the token beside their own.
_BASES = frozenset({"ddg", "itunes", "libvlc", "ucbrowser", "ucweb"})
_BASE_BROWSERS = {
    "duckduckgo": "DuckDuckGo Privacy Browser",
    "mqqbrowser": "QQ Browser",
    "opr": "Opera",
    "oprgx": "Opera GX",
    "samsungbrowser": "Samsung Browser",
    "yasearchbrowser": "Yandex Browser",
}
_TABLES: tuple[tuple[Rank, str, Mapping[str, str], frozenset[str]], ...] = (
    (Rank.PROGRAM, "desktop", _COMMAND_LINE, frozenset()),
    (Rank.PROGRAM, "library", AUTOMATION, frozenset()),
    (Rank.PROGRAM, "mobile app", APPS, BARE_APPS),
    (Rank.PROGRAM, "mediaplayer", PLAYERS, BARE_READERS),
    (Rank.PROGRAM, "pim", PERSONAL, BARE_READERS),
    (Rank.PROGRAM, "feed reader", FEED_READERS, BARE_READERS),
    (Rank.BROWSER, "browser", BROWSERS, BARE_BROWSERS),
    (Rank.BROWSER, "browser", VINTAGE_BROWSERS, BARE_VINTAGE),
    (Rank.BASIS, "browser", _BASE_BROWSERS, frozenset()),
    (Rank.LIBRARY, "library", LIBRARIES, BARE_LIBRARIES),
    (Rank.PLATFORM, "library", PLATFORMS, BARE_LIBRARIES),
)


def _known() -> Iterator[tuple[str, Known]]:
    for rank, kind, names, bare in _TABLES:
        for token, name in names.items():
            yield token, Known(Rank.BASIS if token in _BASES else rank, kind, name, token in bare)


# By token, in lower case. Names of several words have spaces.
KNOWN: dict[str, Known] = dict(_known())
# The last word of such a name → the names that end with it, longest first.
PHRASES: dict[str, tuple[str, ...]] = {}
for _token in sorted((token for token in KNOWN if " " in token), key=len, reverse=True):
    _last = _token.rpartition(" ")[2]
    PHRASES[_last] = (*PHRASES.get(_last, ()), _token)
