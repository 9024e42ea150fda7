"""Country names follow the reader's language."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from sessions_hub.understanding.countries import country_name, flag


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Germany"), ("de", "Deutschland"), ("fr", "Allemagne"), ("de-at", "Deutschland")],
)
def test_a_country_has_its_name_in_the_active_language(language: str, name: str) -> None:
    with override(language):
        assert country_name("DE") == country_name("de") == name


def test_without_a_language_the_name_is_english() -> None:
    with override(None):
        assert country_name("DE") == "Germany"


@pytest.mark.parametrize("code", ["", "ZZ", "D", "DEU", "--", "1", "ß1", None])
def test_an_unknown_code_has_no_name(code) -> None:
    assert country_name(code) == ""


@pytest.mark.parametrize(("code", "emoji"), [("DE", "🇩🇪"), ("us", "🇺🇸"), ("", ""), ("D1", "")])
def test_a_flag_is_two_regional_indicators(code: str, emoji: str) -> None:
    assert flag(code) == emoji
