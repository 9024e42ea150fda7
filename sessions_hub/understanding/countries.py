"""Names and flags of countries, by ISO 3166-1 alpha-2 code, and of Kosovo.

Kosovo has no code of ISO's; GeoIP databases and CLDR use XK, which ISO leaves to its
users.
"""

from __future__ import annotations

import gettext
from functools import lru_cache
from pathlib import Path

from django.utils.translation import get_language, override, to_locale

_REGIONAL_INDICATOR_A = 0x1F1E6
_KOSOVO = "XK"
# django_countries does not know it. It is "Kosovo" in the languages not named here.
_KOSOVO_NAMES = {
    "ar": "كوسوفو",
    "bg": "Косово",
    "el": "Κοσσυφοπέδιο",
    "fa": "کوزوو",
    "he": "קוסובו",
    "hu": "Koszovó",
    "hy": "Կոսովո",
    "ja": "コソボ",
    "ka": "კოსოვო",
    "ko": "코소보",
    "lt": "Kosovas",
    "lv": "Kosova",
    "mn": "Косово",
    "pl": "Kosowo",
    "ru": "Косово",
    "sq": "Kosovë",
    "sr": "Косово",
    "sr-latn": "Kosovo",
    "tr": "Kosova",
    "uk": "Косово",
    "zh": "科索沃",
}


def country_name(code: str) -> str:
    """The country's name in the active language; `""` for an unknown code."""
    code = _letters(code)
    name = _name(code) if code else ""
    language = get_language()
    if code == _KOSOVO:
        return name or _kosovo(language or "en")
    if not name or not language:
        return name
    # Django finds the translations of installed apps only, and django_countries
    # need not be one of them.
    return _catalogue(language).gettext(name) if name == _untranslated(code) else name


def all_countries() -> dict[str, str]:
    """Code → name in the active language, in the order of the names."""
    return dict(_sorted(get_language() or ""))


@lru_cache(maxsize=64)
def _sorted(language: str) -> tuple[tuple[str, str], ...]:
    from django_countries.data import COUNTRIES

    names = {code: country_name(code) for code in (*COUNTRIES, _KOSOVO)}
    return tuple(sorted(names.items(), key=lambda named: named[1].casefold()))


def country_code(text: str) -> str:
    """The code of a country written as its code or name, or as "Germany (DE)"; else `""`."""
    text = text.strip()
    if text.endswith(")"):
        text = text[:-1].rpartition("(")[2]
    if _is_known(code := _letters(text)):
        return code
    wanted = text.casefold()
    return next((code for code, name in all_countries().items() if name.casefold() == wanted), "")


def flag(code: str) -> str:
    """The country's flag as an emoji; `""` for an unknown code."""
    code = _letters(code)
    if not _is_known(code):
        return ""
    return "".join(chr(_REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in code)


def _letters(code: object) -> str:
    if not isinstance(code, str) or len(code) != 2 or not (code.isascii() and code.isalpha()):
        return ""
    return code.upper()


def _is_known(code: str) -> bool:
    from django_countries.data import COUNTRIES

    return code == _KOSOVO or code in COUNTRIES


def _name(code: str) -> str:
    """The name as the site has it; one it hides from its forms is taken from the whole list."""
    from django_countries import countries
    from django_countries.data import COUNTRIES

    return str(countries.name(code) or countries.COMMON_NAMES.get(code) or COUNTRIES.get(code, ""))


def _kosovo(language: str) -> str:
    base = language.partition("-")[0]
    return _KOSOVO_NAMES.get(language) or _KOSOVO_NAMES.get(base, "Kosovo")


@lru_cache(maxsize=512)
def _untranslated(code: str) -> str:
    with override(None):
        return _name(code)


@lru_cache(maxsize=64)
def _catalogue(language: str) -> gettext.NullTranslations:
    import django_countries

    locale = to_locale(language)
    return gettext.translation(
        "django",
        localedir=Path(django_countries.__file__).parent / "locale",
        languages=[locale, locale.partition("_")[0]],
        fallback=True,
    )
