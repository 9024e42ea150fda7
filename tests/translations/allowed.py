"""What the catalogues write like the sources, and why."""

from __future__ import annotations

_LEVELS = dict.fromkeys(("aal0", "aal1", "aal2", "aal3"), "the levels' names in NIST SP 800-63B")


def _words(why: str, *texts: str) -> dict[str, str]:
    return dict.fromkeys(texts, why)


SAME_ON_PURPOSE: dict[str, dict[str, str]] = {
    "de": {
        **_LEVELS,
        **_words("the German word", "Name", "Code", "in %(time)s"),
        **_words("the word used in German", "Tablet", "Wearable", "Clients"),
    },
    "fa": _LEVELS,
    "fr": {
        **_LEVELS,
        **_words("the French word", "Active", "active", "Code", "Pages", "Total", "type"),
        **_words("the French word", "latitude", "longitude", "%(num)d minute"),
        **_words("the French word", "session", "Session", "Sessions", "%(count)s session"),
        **_words("the word used in French", "client", "Clients"),
    },
}
