"""The pages inside a site's own base template."""

from __future__ import annotations

import re

import pytest
from django.test import override_settings

from tests.system_checks import ids

from .conftest import SESSIONS, said

pytestmark = pytest.mark.django_db(databases="__all__")

BASE = (
    "<html><head><title>{% block title %}{% endblock %} – Shop</title>"
    "{% block head %}<meta name=shop>{% endblock %}</head><body>"
    "{% if messages %}<div role='status'>{% for one in messages %}{{ one }}{% endfor %}</div>"
    "{% endif %}<main>{% block content %}{% endblock %}</main></body></html>"
)
OTHER_NAMES = (
    "<html><head>{% block extrahead %}{% endblock %}</head><body>{% block main %}{% endblock %}"
    "</body></html>"
)
BRIDGE = (
    "{% extends 'other.html' %}{% block extrahead %}{% block head %}{% endblock %}{% endblock %}"
    "{% block main %}{% block title %}{% endblock %}{% block content %}{% endblock %}{% endblock %}"
)
SITE = {
    "shop.html": BASE,
    "other.html": OTHER_NAMES,
    "bridge.html": BRIDGE,
    "broken.html": "{% if %}",
}


@pytest.fixture(autouse=True)
def templates(settings):
    django = settings.TEMPLATES[0]
    options = {
        **django["OPTIONS"],
        "loaders": [
            ("django.template.loaders.locmem.Loader", SITE),
            "django.template.loaders.app_directories.Loader",
        ],
    }
    with override_settings(TEMPLATES=[{**django, "APP_DIRS": False, "OPTIONS": options}]):
        yield


PATHS = [
    "sessions/",
    "sessions/ended/",
    "sessions/end-others/",
    "devices/",
    "api-keys/",
    "api-keys/new/",
    "data/",
    "reauthenticate/",
    "not-me/never/",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_put_into_it(path, settings, here):
    settings.SESSIONS_HUB_BASE_TEMPLATE = "shop.html"
    text = here.get(f"/account/{path}").content.decode()
    assert re.search("<title>[^<]+ – Shop</title>", text)
    assert "<meta name=shop>" in text
    assert "sessions_hub/pages.css" in text
    assert re.search(r'<main>\s*<div class="sessions-hub">', text)


def test_a_base_that_says_messages_is_not_said_after(settings, here, there):
    settings.SESSIONS_HUB_BASE_TEMPLATE = "shop.html"
    response = here.post(f"{SESSIONS}{there.session_id}/end/", follow=True)
    assert response.content.decode().count("Signed out there.") == 1


def test_blocks_of_other_names_are_bridged(settings, here):
    settings.SESSIONS_HUB_BASE_TEMPLATE = "bridge.html"
    text = here.page()
    assert "pages.css" in text.partition("</head>")[0]
    assert "This device" in text


def test_ours_loads_the_style_once(here):
    assert here.page().count("sessions_hub/pages.css") == 1


def test_ours_says_what_was_done(here, there):
    response = here.post(f"{SESSIONS}{there.session_id}/end/", follow=True)
    assert said(response) == "Signed out there."


@pytest.mark.parametrize("name", ["shop.html", "bridge.html", "sessions_hub/account/base.html"])
def test_the_check_finds_nothing_wrong_with_a_good_one(name, settings):
    settings.SESSIONS_HUB_BASE_TEMPLATE = name
    assert not ids() & {"E170", "W170"}


@pytest.mark.parametrize("name", ["missing.html", "broken.html", "", None, 7, ["shop.html"]])
def test_the_check_names_what_is_no_template(name, settings):
    settings.SESSIONS_HUB_BASE_TEMPLATE = name
    assert "E170" in ids()


def test_the_check_names_blocks_that_are_not_there(settings):
    settings.SESSIONS_HUB_BASE_TEMPLATE = "other.html"
    assert "W170" in ids()
