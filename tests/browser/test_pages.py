"""The pages for users in real browsers: a strict CSP, axe-core, the keyboard alone."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from sessions_hub.models import Device, EndReason, Session
from tests.factories import PASSWORD, make_user

from .camera import Camera
from .history import leave_history

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


@pytest.fixture
def ada():
    return make_user("ada", is_staff=True)


@pytest.fixture
def history(ada) -> Session:
    return leave_history(ada)


PAGES = {
    "sessions": "/account/sessions/",
    "ended": "/account/sessions/ended/",
    "end-others": "/account/sessions/end-others/",
    "end": "/account/sessions/{session}/end/",
    "not-me": "/account/sessions/{session}/not-me/",
    "devices": "/account/devices/",
    "device": "/account/devices/{device}/",
    "forget": "/account/devices/{device}/forget/",
    "api-keys": "/account/api-keys/",
    "api-key-new": "/account/api-keys/new/",
    "data": "/account/data/",
    "reauthenticate": "/account/reauthenticate/?next=/account/sessions/",
}


def test_no_page_has_a_barrier_or_an_error_in_light_and_dark_wide_and_narrow(
    chromium, camera, site, history
):
    sign_in(chromium, site)
    device = Device.objects.get(name="Office")
    wrong = []
    for name, path in PAGES.items():
        chromium.get(site + path.format(session=history.pk, device=device.pk))
        assert find(chromium, "main h1").text
        wrong += camera.look(name)
        wrong += complaints(chromium)
    make_key(chromium, site, "Backup")
    wrong += camera.look("api-key-made")
    named(chromium, "Copy the key")
    assert wrong + complaints(chromium) == []


def make_key(chromium, site: str, name: str) -> str:
    """Make an API key on the pages; return its secret."""
    chromium.get(f"{site}/account/api-keys/new/")
    find(chromium, "[name=name]").send_keys(name)
    find(chromium, "[name=scopes][value='sessions:read']").click()
    named(chromium, "Make the key").click()
    wait(chromium, lambda driver: driver.find_elements("id", "sessions-hub-secret"))
    return find(chromium, "#sessions-hub-secret").text


class TestTwoBrowsers:
    def test_one_ends_the_other_whose_next_click_lands_on_the_sign_in(
        self, chromium, other_chromium, site, ada
    ):
        sign_in(other_chromium, site)
        sign_in(chromium, site)
        buttons = chromium.find_elements("css selector", "main form button")
        names = [one.accessible_name for one in buttons]
        assert len(set(names)) == len(names) == 3
        assert "This session" in find(chromium, ".sessions-hub-card-current").text
        other = next(one for one in buttons[1:] if one.accessible_name.startswith("Sign out of"))
        other.click()
        wait(chromium, lambda driver: "Signed out there." in driver.page_source)
        assert says(chromium) == "Signed out there."
        assert "not signed in anywhere else" in chromium.page_source

        find(other_chromium, "nav [href$='/devices/']").click()
        wait(other_chromium, at("/accounts/login/"))
        assert "next=/account/devices/" in other_chromium.current_url
        assert complaints(chromium) == complaints(other_chromium) == []

    def test_signs_out_everywhere_else_and_stays_here(self, chromium, other_chromium, site, ada):
        sign_in(other_chromium, site)
        sign_in(chromium, site)
        named(chromium, "Sign out everywhere else").click()
        wait(chromium, at("/end-others/"))
        named(chromium, "Sign out everywhere else").click()
        wait(chromium, at("/account/sessions/"))
        assert says(chromium) == "Signed out everywhere else: 1 session ended."
        other_chromium.refresh()
        wait(other_chromium, at("/accounts/login/"))

    def test_this_was_not_me_leads_to_the_password(self, chromium, other_chromium, site, ada):
        sign_in(other_chromium, site)
        thief = Session.objects.get()
        sign_in(chromium, site)
        find(chromium, f"form[action$='{thief.pk}/not-me/'] button").click()
        wait(chromium, at("/password/"))
        thief.refresh_from_db()
        assert thief.end_reason == EndReason.COMPROMISED
        assert thief.session_devices.get().device.forgotten_at is not None


def test_a_device_is_named_trusted_and_forgotten(chromium, site, ada, history):
    sign_in(chromium, site)
    phone = history.session_devices.get().device
    named(chromium, f"Manage {phone}").click()
    wait(chromium, at(f"/devices/{phone.pk}/"))
    find(chromium, "[name=name]").send_keys("Pocket <b>phone</b>")
    named(chromium, "Save the name").click()
    wait(chromium, lambda driver: says(driver) == "The name has been saved.")
    assert find(chromium, "h1").text == "Pocket <b>phone</b>"
    named(chromium, "Trust this device").click()
    wait(chromium, lambda driver: says(driver) == "The device is trusted now.")
    named(chromium, "Forget").click()
    wait(chromium, at("/forget/"))
    named(chromium, "Forget").click()
    wait(chromium, at("/account/devices/"))
    assert "Pocket" not in find(chromium, "main").text.replace(says(chromium), "")
    phone.refresh_from_db()
    history.refresh_from_db()
    assert phone.forgotten_at is not None
    assert history.end_reason == EndReason.DEVICE_FORGOTTEN
    assert complaints(chromium) == []


class TestKey:
    def test_is_shown_once_and_copied(self, chromium, site, ada):
        sign_in(chromium, site)
        secret = make_key(chromium, site, "Backup")
        chromium.execute_cdp_cmd(
            "Browser.grantPermissions",
            {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
        )
        named(chromium, "Copy the key").click()
        copied = find(chromium, "[data-sessions-hub-copied]")
        wait(chromium, lambda _driver: copied.text == "Copied")
        read = "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
        assert chromium.execute_async_script(read) == secret
        assert secret not in chromium.current_url

        chromium.get(f"{site}/account/api-keys/")
        assert "Backup" in chromium.page_source
        for back in range(2):
            assert secret not in chromium.page_source, back
            chromium.back()
        assert complaints(chromium) == []

    def test_without_scripts_can_be_selected(self, chromium, site, ada):
        sign_in(chromium, site)
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        secret = make_key(chromium, site, "Backup")
        assert secret.startswith("shub_")
        assert not find(chromium, "[data-sessions-hub-copy]").is_displayed()


def test_an_old_proof_is_asked_for_and_leads_back_to_the_question(
    chromium, other_chromium, site, ada
):
    from sessions_hub.models import AuthenticationMethod

    sign_in(other_chromium, site)
    sign_in(chromium, site)
    AuthenticationMethod.objects.update(completed_at=timezone.now() - timedelta(days=1))
    find(chromium, ".sessions-hub-card:not(.sessions-hub-card-current) form button").click()
    wait(chromium, at("/account/reauthenticate/"))
    find(chromium, "[name=password]").send_keys(PASSWORD)
    named(chromium, "Confirm").click()
    wait(chromium, at("/end/"))
    assert Session.objects.filter(ended_at__isnull=False).count() == 0
    named(chromium, "Sign out").click()
    wait(chromium, at("/account/sessions/"))
    assert says(chromium) == "Signed out there."
    other_chromium.refresh()
    wait(other_chromium, at("/accounts/login/"))


def test_without_scripts_every_page_does_all_it_does(chromium, other_chromium, site, ada):
    sign_in(other_chromium, site)
    sign_in(chromium, site)
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    find(chromium, ".sessions-hub-card:not(.sessions-hub-card-current) form button").click()
    wait(chromium, lambda driver: driver.find_elements("css selector", "[role=status]"))
    assert says(chromium) == "Signed out there."


def test_the_keyboard_alone_is_enough_and_shows_where_it_is(chromium, site, ada, history):
    from selenium.webdriver import ActionChains, Keys

    def press(*keys: str) -> None:
        ActionChains(chromium).send_keys(*keys).perform()

    sign_in(chromium, site)
    wanted = f"{history.pk}/end/"
    seen = []
    for _step in range(60):
        press(Keys.TAB)
        focused = chromium.switch_to.active_element
        seen.append(focused.accessible_name)
        outline = focused.value_of_css_property("outline-style")
        assert outline != "none", seen
        form = focused.get_property("form")
        if form and form.get_attribute("action").endswith(wanted):
            break
    else:
        pytest.fail(f"The button is not reached: {seen}")
    # In the order of the page: the menu, this session, the others.
    assert seen[:4] == ["Sessions", "Devices", "API keys", "My data"]
    assert seen[4].startswith("Manage Headless Chrome")
    press(Keys.ENTER)
    wait(chromium, lambda driver: "Signed out there." in driver.page_source)
    history.refresh_from_db()
    assert history.end_reason == EndReason.REVOKED_BY_USER


def test_reads_from_right_to_left_without_a_barrier(chromium, camera, site, ada, history, settings):
    settings.LANGUAGE_CODE = "ar"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    sign_in(chromium, site)
    chromium.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": "ar"}})
    chromium.get(f"{site}/account/sessions/")
    assert find(chromium, "html").get_attribute("dir") == "rtl"
    assert camera.look("sessions-rtl") == []
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
