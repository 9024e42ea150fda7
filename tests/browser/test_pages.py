"""The pages for users in real browsers, under a strict CSP, and with the keyboard alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.models import EndReason, Session
from tests.factories import PASSWORD

from .steps import at, complaints, find, make_key, named, press, says, sign_in, tab_to, wait

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.browser.pages_site"),
    pytest.mark.usefixtures("strict"),
]


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
    from selenium.webdriver import Keys

    def ends_it(focused) -> bool:
        form = focused.get_property("form")
        return bool(form) and form.get_attribute("action").endswith(f"{history.pk}/end/")

    sign_in(chromium, site)
    passed = tab_to(chromium, ends_it)
    # In the order of the page: the menu, this session, the others.
    assert passed[:4] == ["Sessions", "Devices", "API keys", "My data"]
    assert passed[4].startswith("Manage Headless Chrome")
    press(chromium, Keys.ENTER)
    wait(chromium, lambda driver: "Signed out there." in driver.page_source)
    history.refresh_from_db()
    assert history.end_reason == EndReason.REVOKED_BY_USER


def test_a_device_is_renamed_and_a_key_made_with_the_keyboard_alone(chromium, site, ada, history):
    from selenium.webdriver import Keys

    sign_in(chromium, site)
    phone = history.session_devices.get().device
    chromium.get(f"{site}/account/devices/{phone.pk}/")
    tab_to(chromium, lambda focused: focused.get_attribute("name") == "name")
    press(chromium, "Pocket", Keys.ENTER)
    wait(chromium, lambda driver: "The name has been saved." in driver.page_source)

    tab_to(chromium, lambda focused: focused.accessible_name == "API keys")
    press(chromium, Keys.ENTER)
    wait(chromium, at("/api-keys/"))
    tab_to(chromium, lambda focused: focused.accessible_name == "New key")
    press(chromium, Keys.ENTER)
    wait(chromium, at("/new/"))
    tab_to(chromium, lambda focused: focused.get_attribute("name") == "name")
    press(chromium, "Backup")
    tab_to(chromium, lambda focused: focused.get_attribute("type") == "checkbox")
    press(chromium, Keys.SPACE)
    tab_to(chromium, lambda focused: focused.accessible_name == "Make the key")
    press(chromium, Keys.ENTER)
    wait(chromium, lambda driver: driver.find_elements("id", "sessions-hub-secret"))
    phone.refresh_from_db()
    assert phone.name == "Pocket"
    assert complaints(chromium) == []
