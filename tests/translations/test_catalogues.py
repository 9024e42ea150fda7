"""The catalogues are whole, fit the sources and are compiled."""

from __future__ import annotations

import re

import django
import pytest

from .allowed import SAME_ON_PURPOSE
from .catalogues import LANGUAGES, djangos, mo_file, po_file, read, read_compiled
from .others import texts_of_others
from .rules import apart_from_compiled, apart_from_sources, changes_to_others, wrong_in
from .sources import template

REFRESH = "run: python -m tests.translations.refresh"


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def sources():
    found = template()
    assert len(found) > 500
    return found


def test_there_are_three_languages_at_least():
    assert {"de", "fa", "fr"} <= set(LANGUAGES)


def test_every_text_is_translated_and_keeps_its_placeholders(language):
    assert list(wrong_in(read(language), SAME_ON_PURPOSE.get(language, {}))) == []


def test_the_texts_are_those_of_the_sources(language, sources):
    assert list(apart_from_sources(read(language), sources)) == [], REFRESH


def test_what_is_compiled_says_the_same(language):
    compiled = read_compiled(mo_file(language).read_bytes())
    assert list(apart_from_compiled(read(language), compiled)) == [], REFRESH


def test_no_text_of_djangos_is_changed(language):
    others = texts_of_others(language)
    assert len(others) > 500
    assert list(changes_to_others(read(language), others)) == []


# Its rule for French changed with 6.1. Catalogues of different rules are kept apart by Django.
@pytest.mark.skipif(django.VERSION < (6, 1), reason="the plurals are those of Django 6.1")
def test_plurals_are_djangos_own(language):
    assert read(language).plural_forms == djangos(language).plural_forms


def test_texts_have_no_characters_the_admin_would_spell_out(language):
    # Its lists write direction marks and the like as \u200f: admin/show.py.
    source = po_file(language).read_text()
    assert re.findall(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u200b]", source) == []
