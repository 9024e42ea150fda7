"""Country names follow the reader's language."""

from __future__ import annotations

import unicodedata
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import django_countries
import pytest
from django.conf.locale import LANG_INFO
from django.utils.translation import override, to_language
from django_countries import countries
from django_countries.data import COUNTRIES

from sessions_hub.understanding.countries import country_name, flag

CODES = sorted([*COUNTRIES, "XK"])
# Those django_countries has names in.
LANGUAGES = sorted(
    to_language(folder.name).partition("@")[0]
    for folder in (Path(django_countries.__file__).parent / "locale").iterdir()
)


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("en", "DE", "Germany"),
        ("en", "XK", "Kosovo"),
        ("en", "BO", "Bolivia"),
        ("de", "DE", "Deutschland"),
        ("de", "AT", "Österreich"),
        ("de", "XK", "Kosovo"),
        ("de-at", "DE", "Deutschland"),
        ("fr", "DE", "Allemagne"),
        ("fr", "US", "États-Unis d'Amérique"),
        ("fr", "XK", "Kosovo"),
        ("fa", "DE", "آلمان"),
        ("fa", "IR", "ایران"),
        ("fa", "XK", "کوزوو"),
        ("pt-br", "XK", "Kosovo"),
        ("sr", "XK", "Косово"),
        ("sr-latn", "XK", "Kosovo"),
        ("zh-hans", "XK", "科索沃"),
        ("zh-hant", "XK", "科索沃"),
    ],
)
def test_a_country_has_its_name_in_the_active_language(language, code, name) -> None:
    with override(language):
        assert country_name(code) == country_name(code.lower()) == name


def test_there_are_249_countries_and_kosovo() -> None:
    assert len(CODES) == 250


@pytest.mark.parametrize("language", sorted({*LANG_INFO, *LANGUAGES}))
def test_every_country_has_a_name_in_every_language(language) -> None:
    with override(language):
        names = [country_name(code) for code in CODES]
    assert all(names)
    assert len(set(names)) > 240


def script(name: str) -> str:
    """LATIN, CYRILLIC, CJK …: the script of the first letter."""
    return unicodedata.name(name[0]).partition(" ")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_kosovo_is_written_in_the_script_of_the_others(language) -> None:
    with override(language):
        scripts = Counter(script(country_name(code)) for code in COUNTRIES)
        assert script(country_name("XK")) == scripts.most_common(1)[0][0]


@pytest.fixture
def fresh_countries():
    """django_countries keeps its list; it is made again before and after."""
    del countries.countries
    yield
    del countries.countries


def test_a_site_s_own_name_for_kosovo_comes_first(settings, fresh_countries) -> None:
    settings.COUNTRIES_OVERRIDE = {"XK": "Republic of Kosovo"}
    assert country_name("XK") == "Republic of Kosovo"


def test_a_site_s_own_name_comes_first(settings, fresh_countries) -> None:
    settings.COUNTRIES_OVERRIDE = {"DE": "Federal Republic"}
    assert country_name("DE") == "Federal Republic"


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("en", "BO", "Bolivia"),
        ("de", "BO", "Bolivien"),
        ("en", "AT", "Austria"),
        ("de", "AT", "Österreich"),
        ("de", "XK", "Kosovo"),
    ],
)
def test_a_country_that_forms_do_not_offer_still_has_its_name(language, code, name) -> None:
    # From django-countries 8.2 on.
    only = getattr(django_countries, "countries_context", None)
    with override(language), only(only=["US"]) if only else nullcontext():
        assert country_name(code) == name


def test_without_a_language_the_name_is_english() -> None:
    with override(None):
        assert country_name("DE") == "Germany"


@pytest.mark.parametrize("code", ["", "ZZ", "D", "DEU", "--", "1", "ß1", None])
def test_an_unknown_code_has_no_name(code) -> None:
    assert country_name(code) == ""


@pytest.mark.parametrize(
    ("code", "emoji"), [("DE", "🇩🇪"), ("us", "🇺🇸"), ("XK", "🇽🇰"), ("xk", "🇽🇰")]
)
def test_a_flag_is_two_regional_indicators(code, emoji) -> None:
    assert flag(code) == emoji


def test_every_country_has_a_flag_of_its_own() -> None:
    flags = {flag(code) for code in CODES}
    assert len(flags) == 250
    assert all(len(each) == 2 for each in flags)


@pytest.mark.parametrize("code", ["", "ZZ", "D", "D1", "DEU", "--", "EU", None, 7])
def test_an_unknown_code_has_no_flag(code) -> None:
    assert flag(code) == ""
