"""Longer words and the other direction: pages in German and Persian, on a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from sessions_hub.models import Session
from tests.factories import PASSWORD

from .camera import NARROW, Camera
from .paths import BASE
from .test_pages import sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


@pytest.mark.parametrize("language", ["de", "fa"])
def test_pages_fit_and_have_no_barriers(chromium, live_server, settings, language):
    settings.ROOT_URLCONF = "tests.browser.pages_site"
    settings.LANGUAGE_CODE = language
    get_user_model().objects.create_superuser("ada", "ada@example.com", PASSWORD)
    site = live_server.url.replace("127.0.0.1", "localhost")
    sign_in(chromium, site)
    session = Session.objects.latest("issued_at")
    Session.objects.update(ip="2001:db8::7", city="Wien", country_code="AT")
    folder = os.environ.get("HUB_TEST_SCREENSHOTS")
    camera = Camera(chromium, Path(folder) / language if folder else None)
    wrong = []
    admin = f"{BASE}/session/{session.pk}/change/"
    for path in ("/account/sessions/", "/account/devices/", "/account/api-keys/new/"):
        chromium.get(site + path)
        wrong += camera.look(path.strip("/").replace("/", "-"))
        camera.set_size(*NARROW)
        assert chromium.execute_script(_HIDDEN, ".sessions-hub-nav") == []
    # Django's own pages have barriers of their own: the width alone is ours here.
    pages = {
        "overview": f"{BASE}/session/overview/",
        "story": admin,
        "sessions": f"{BASE}/session/",
        "devices": f"{BASE}/device/",
        "methods": f"{BASE}/authenticationmethod/",
    }
    for name, path in pages.items():
        chromium.get(site + path)
        wrong += [line for line in camera.look(name, is_judged=False) if "wider" in line]
        camera.set_size(*NARROW)
        # A list scrolls sideways where it is no list of cards; a word may leave its card.
        wrong += chromium.execute_script(_HIDDEN, "#changelist .results, .hub-card")
    assert wrong == []


# Boxes with more in them than they show.
_HIDDEN = """
return [...document.querySelectorAll(arguments[0])]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => `hides some of itself: ${one.outerHTML.slice(0, 160)}`);
"""
