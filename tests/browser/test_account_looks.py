"""Every page for users, looked at: light, dark, wide, narrow, on paper and from right to left."""

from __future__ import annotations

import pytest

from sessions_hub.lifecycle.disown import make_token
from sessions_hub.models import Device

from .paths import ACCOUNT
from .steps import complaints, find, make_key, named, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.browser.pages_site"),
    pytest.mark.usefixtures("strict"),
]


def test_no_page_has_a_barrier_or_an_error_in_light_and_dark_wide_and_narrow(
    chromium, camera, site, history
):
    sign_in(chromium, site)
    device = Device.objects.get(name="Office")
    wrong = []
    for name, path in ACCOUNT.items():
        token = make_token(history.pk)
        chromium.get(site + path.format(session=history.pk, device=device.pk, token=token))
        assert find(chromium, "main h1").text
        wrong += camera.look(f"account-{name}")
        wrong += complaints(chromium)
    make_key(chromium, site, "Backup")
    wrong += camera.look("account-api-key-made")
    named(chromium, "Copy the key")
    assert wrong + complaints(chromium) == []


def test_is_printed_on_white_without_buttons(chromium, camera, site, history):
    sign_in(chromium, site)
    buttons = ("main button", ".sessions-hub-nav", ".sessions-hub-button")
    assert camera.print("account-sessions", hidden=buttons) == []
    text = find(chromium, ".sessions-hub").value_of_css_property("color")
    assert text == "rgba(25, 32, 43, 1)"


def test_reads_from_right_to_left_without_a_barrier(chromium, camera, site, ada, history, settings):
    settings.LANGUAGE_CODE = "ar"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    sign_in(chromium, site)
    chromium.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": "ar"}})
    chromium.get(f"{site}/account/sessions/")
    assert find(chromium, "html").get_attribute("dir") == "rtl"
    assert camera.look("account-sessions-rtl") == []
    first = find(chromium, ".sessions-hub-picture").rect["x"]
    assert first > find(chromium, ".sessions-hub-card-title").rect["x"]


def test_the_look_is_told_when_a_page_has_a_barrier(chromium, camera, site, ada):
    sign_in(chromium, site)
    chromium.execute_script(
        "document.querySelector('main h1').style.color = '#eee';"
        "document.querySelector('main').style.width = '2000px';"
    )
    wrong = "\n".join(camera.look("broken"))
    assert "color-contrast" in wrong
    assert "wider than the window" in wrong
