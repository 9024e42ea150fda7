"""Names and flags of countries, by ISO 3166-1 alpha-2 code."""

from __future__ import annotations

import gettext
from functools import lru_cache
from pathlib import Path

from django.utils.translation import get_language, override, to_locale

_REGIONAL_INDICATOR_A = 0x1F1E6


def country_name(code: str) -> str:
    """The country's name in the active language; `""` for an unknown code."""
    from django_countries import countries

    code = _letters(code)
    name = str(countries.name(code)) if code else ""
    language = get_language()
    if not name or not language:
        return name
    # Django finds the translations of installed apps only, and django_countries
    # need not be one of them.
    return _catalogue(language).gettext(name) if name == _untranslated(code) else name


def flag(code: str) -> str:
    """The country's flag as an emoji; `""` for what is no code of two letters."""
    return "".join(chr(_REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in _letters(code))


def _letters(code: object) -> str:
    if not isinstance(code, str) or len(code) != 2 or not (code.isascii() and code.isalpha()):
        return ""
    return code.upper()


@lru_cache(maxsize=512)
def _untranslated(code: str) -> str:
    from django_countries import countries

    with override(None):
        return str(countries.name(code))


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
