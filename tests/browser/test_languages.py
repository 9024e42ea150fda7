"""Longer words and the other direction: pages in German and Persian, on a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from sessions_hub.models import Session
from tests.factories import PASSWORD

from .camera import Camera
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
    admin = f"/admin/sessions_hub/session/{session.pk}/change/"
    for path in ("/account/sessions/", "/account/devices/", "/account/api-keys/new/"):
        chromium.get(site + path)
        wrong += camera.look(path.strip("/").replace("/", "-"))
    # Django's own pages have barriers of their own: the width alone is ours here.
    for name, path in (("overview", "/admin/sessions_hub/session/overview/"), ("story", admin)):
        chromium.get(site + path)
        wrong += [line for line in camera.look(name) if "wider" in line]
    assert wrong == []
