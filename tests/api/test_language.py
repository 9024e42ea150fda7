"""Answers in the reader's language, and caches that know of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from sessions_hub.models import Session

from .conftest import URL, link
from .test_problems import problem

pytestmark = pytest.mark.django_db(databases="__all__")

LOCALE = "django.middleware.locale.LocaleMiddleware"


@pytest.fixture
def german(browser):
    Session.objects.update(country_code="DE")
    return browser


def country(client, **headers) -> str:
    response = client.get(f"{URL}current/", headers=headers)
    assert {"Cookie", "Authorization", "Accept-Language"} <= set(response["Vary"].split(", "))
    return response.json()["country_name"]


@pytest.fixture(params=["without", "with"])
def middleware(request, settings) -> Iterator[None]:
    """A site without LocaleMiddleware, and one with it, which leaves its language behind."""
    language = translation.get_language()
    if request.param == "with":
        before = list(settings.MIDDLEWARE)
        before.insert(1, LOCALE)
        settings.MIDDLEWARE = before
    yield
    translation.activate(language)


@pytest.mark.usefixtures("middleware")
@pytest.mark.parametrize(
    ("accepted", "name"),
    [
        ("de", "Deutschland"),
        ("de-AT,en;q=0.5", "Deutschland"),
        ("fr;q=0.9,de;q=0.1", "Allemagne"),
        ("tlh", "Germany"),
        ("*", "Germany"),
        (";;;", "Germany"),
    ],
)
def test_names_countries_in_the_language_that_is_asked_for(accepted, name, german):
    assert country(german, **{"accept-language": accepted}) == name


@pytest.mark.usefixtures("middleware")
def test_goes_by_the_language_cookie_before_that(german, settings):
    german.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    assert country(german, **{"accept-language": "de"}) == "Allemagne"


def test_is_the_sites_without_any(german):
    assert country(german) == "Germany"


def test_leaves_no_language_behind(german):
    before = translation.get_language()
    german.get(URL, headers={"accept-language": "de"})
    assert translation.get_language() == before


def test_refusals_vary_by_it_too(browser):
    response = browser.get(link("no"), headers={"accept-language": "de"})
    assert problem(response) == (404, "not_found")
    assert "Accept-Language" in response["Vary"]


def test_without_translations_there_is_one_language(german, settings):
    settings.USE_I18N = False
    assert german.get(f"{URL}current/").status_code == 200
