"""The page that asks a signed-in user again: what it shows, its form, where it leads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.models import AuthenticationMethod
from tests.contract.browser import Browser
from tests.lifecycle.test_query_counts import Statements

from .conftest import PASSWORD, URL, fields, make_user

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
HOUR = timedelta(hours=1)


class TestThePage:
    def test_asks_for_what_the_user_has(self, browser):
        form = fields(browser.get(URL))
        assert {"password", "challenge"} <= set(form)
        assert not {"code", "factor"} & set(form)

    def test_asks_for_a_code_of_a_confirmed_device(self, browser, device):
        assert {"password", "code"} <= set(fields(browser.get(URL)))
        device.confirmed = False
        device.save()
        assert "code" not in fields(browser.get(URL))

    def test_lets_the_user_choose_among_devices(self, browser, device, ada):
        second = TOTPDevice.objects.create(user=ada, name="tablet", confirmed=True)
        page = browser.get(URL).content.decode()
        assert "factor" in fields(browser.get(URL))
        assert f'value="otp:{second.persistent_id}"' in page
        assert "tablet" in page

    def test_is_accessible_and_fits_a_strict_content_security_policy(self, browser, device):
        response = browser.get(URL)
        page = response.content.decode()
        assert '<html lang="en"' in page
        assert page.count("<label ") == 2
        assert 'autocomplete="current-password"' in page
        assert 'autocomplete="one-time-code"' in page
        for inline in ("<script", "<style", " style=", " onclick", "javascript:"):
            assert inline not in page
        assert response["X-Frame-Options"] == "DENY"
        assert "no-store" in response["Cache-Control"]

    def test_a_get_writes_nothing(self, browser, device):
        browser.get(URL)
        with Statements() as ran:
            assert browser.get(URL + "?next=/whoami/&level=aal2").status_code == 200
        assert ran.writes == []

    def test_a_visitor_is_sent_to_sign_in_and_back(self, db):
        response = Browser("sync").get(URL + "?next=/fresh/")
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=/account/reauthenticate/")

    def test_works_behind_login_required_middleware(self, settings, browser, answer):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        assert answer(browser, password=PASSWORD).status_code == 302

    def test_escapes_the_users_name(self, clock, db):
        user = make_user("x<script>")
        browser = Browser("sync")
        browser.sign_in(user.get_username())
        assert "x&lt;script&gt;" in browser.get(URL).content.decode()


class TestItsForm:
    def test_cve_2022_42731_of_another_session_is_refused(self, browser, ada):
        other = Browser("sync")
        other.sign_in("ada")
        form = fields(other.get(URL))
        assert browser.post(URL, {**form, "password": PASSWORD}).status_code == 400
        assert AuthenticationMethod.objects.count() == 2

    def test_is_answered_once(self, clock, browser):
        form = {**fields(browser.get(URL)), "password": PASSWORD}
        clock.shift(HOUR / 2)
        assert browser.post(URL, form).status_code == 302
        assert browser.post(URL, form).status_code == 400
        assert AuthenticationMethod.objects.count() == 2

    @pytest.mark.parametrize("challenge", ["", "x", "a:b:c"])
    def test_made_up_is_refused(self, browser, answer, challenge):
        assert answer(browser, password=PASSWORD, challenge=challenge).status_code == 400

    def test_does_not_stay_open_for_ever(self, clock, browser):
        form = {**fields(browser.get(URL)), "password": PASSWORD}
        clock.shift(HOUR + timedelta(seconds=1))
        assert browser.post(URL, form).status_code == 400

    def test_needs_the_csrf_token(self, clock, ada):
        browser = Browser("sync")
        browser.client = Client(enforce_csrf_checks=True)
        browser.sign_in("ada")
        form = fields(browser.get(URL))
        no_token = {name: value for name, value in form.items() if "csrf" not in name}
        assert browser.post(URL, {**no_token, "password": PASSWORD}).status_code == 403
        assert browser.post(URL, {**form, "password": PASSWORD}).status_code == 302


class TestNext:
    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "http:///evil.example",
            "\t//evil.example",
        ],
    )
    def test_somewhere_else_is_not_followed(self, browser, answer, url):
        response = answer(browser, next=url, password=PASSWORD)
        assert response["Location"] == "/whoami/"
        page = browser.get(f"{URL}?next={url}").content.decode()
        # Long enough that no random token of the form spells it.
        assert "evil.example" not in page
        assert "javascript:" not in page

    def test_on_this_site_is_followed(self, browser, answer):
        assert (
            answer(browser, "?next=/fresh/%3Fa=1", password=PASSWORD)["Location"] == "/fresh/?a=1"
        )
