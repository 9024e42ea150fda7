"""What an impersonation cannot do (security requirement 67)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import iscoroutinefunction
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.prune import delete_ended
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.middleware import SessionsHubMiddleware
from sessions_hub.models import EndReason
from tests.contract.browser import Browser

from .conftest import START
from .impersonating import impersonate, make_staff, own, stop, the_impersonation
from .stores import cookie_of, store

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("impersonation_site"),
]

HOUR = timedelta(hours=1)


class TestItsLimit:
    @pytest.mark.parametrize(("seconds", "who"), [(3599, "ada"), (3600, None), (3601, None)])
    def test_is_the_hour_exactly(self, clock, acted, seconds, who):
        clock.shift(seconds)
        assert acted.whoami() == who

    def test_is_not_moved_by_use(self, clock, acted, settings):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        for _ in range(59):
            clock.shift(60)
            assert acted.whoami() == "ada"
            acted.get("/save/")
            assert the_impersonation().expires_at == START + HOUR
        assert the_impersonation().last_used_at == START + timedelta(minutes=59)
        clock.shift(60)
        assert acted.whoami() is None
        row = the_impersonation()
        assert (row.ended_at, row.end_reason) == (START + HOUR, EndReason.EXPIRED)
        # Nobody can go back to it, so it does not stay in the lists either.
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_is_not_moved_by_set_expiry(self, clock, acted):
        acted.get("/save/?expiry=864000")
        clock.shift(120)
        acted.get("/save/?expiry=864000")
        assert the_impersonation().expires_at == START + HOUR
        clock.shift(3480)
        assert acted.whoami() is None

    def test_is_not_moved_by_a_second_factor_nor_is_its_level(self, clock, acted):
        before = the_impersonation()
        acted.get("/verify-code/")
        clock.shift(61)
        acted.whoami()
        row = the_impersonation()
        assert (row.assurance_level, row.expires_at) == (0, before.expires_at)
        assert row.authenticated_at == before.authenticated_at
        assert row.mfa_updated_at is None
        assert not row.authentication_methods.exists()

    def test_is_not_moved_by_start_session(self, clock, acted):
        """Saying more of a sign-in that never was makes a session of the user's own."""
        clock.shift(60)
        acted.get("/sign-in-and-say-more/?user=ada&minutes=600")
        row = the_impersonation()
        assert (row.expires_at, row.end_reason) == (START + HOUR, EndReason.IMPERSONATION_OVER)

    def test_holds_where_enforcement_is_off(self, clock, acted, settings):
        settings.SESSIONS_HUB_ENFORCE = False
        assert acted.whoami() == "ada"
        clock.shift(3600)
        assert acted.whoami() is None

    def test_holds_when_its_row_was_pruned(self, clock, acted):
        end_session(the_impersonation(), reason=EndReason.REVOKED_BY_STAFF)
        assert (
            sum(delete_ended(START + timedelta(days=2), Retention(default=timedelta(days=1)))) == 1
        )
        assert acted.whoami() is None
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_is_soon_followed_by_django_s_own(self, clock, acted):
        assert store(cookie_of(acted)).get_expiry_age() == 7200

    def test_a_browser_s_length_stays_one(self, clock, staff, user, browser):
        browser.sign_in("grace", "&expiry=0")
        impersonate(browser)
        assert browser.cookies["sessionid"]["max-age"] == ""
        clock.shift(3600)
        assert browser.whoami() is None


class TestCredentials:
    def test_a_password_changed_by_a_view_ends_it(self, acted, caplog, monkeypatch):
        # As where a user model sets passwords in a way of its own.
        monkeypatch.setattr("sessions_hub.credential_receivers.keep_password", lambda *args: None)
        acted.get("/change-password/?to=stolen-password")
        assert cookie_of(acted) == ""
        assert acted.whoami() is None
        assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER
        assert own().end_reason == EndReason.SIGNED_OUT
        assert "impersonation.credentials_changed" in caplog.text

    def test_a_password_changed_elsewhere_ends_it(self, acted, user):
        user.set_password("another-password")
        user.save()
        assert acted.whoami() is None
        assert the_impersonation().end_reason == EndReason.CREDENTIALS_CHANGED
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_a_rotated_secret_key_does_not(self, acted, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "rotated-" + settings.SECRET_KEY
        assert acted.whoami() == "ada"
        assert acted.whoami() == "ada"
        assert stop(acted).json() == {"user": "grace"}
        assert acted.whoami() == "grace"
        settings.SECRET_KEY_FALLBACKS = []
        impersonate(acted)
        assert acted.whoami() == "ada"

    @pytest.mark.parametrize("verb", ["get", "post"])
    @pytest.mark.parametrize("mode", ["sync", "async"])
    @pytest.mark.parametrize(
        "path", ["/password/", "/admin/password_change/", "/admin/auth/user/{pk}/password/"]
    )
    def test_django_s_pages_for_passwords_are_closed(self, staff, mode, path, verb, settings):
        """Even to a superuser who acts as another one."""
        users = get_user_model()._meta
        path = path.replace("auth/user", f"{users.app_label}/{users.model_name}")
        make_staff("root", is_superuser=True)
        make_staff("ada", is_superuser=True)
        browser = Browser(mode)
        browser.sign_in("root")
        path = path.format(pk=staff.pk)
        opens = browser.get(path).status_code == 200
        if "user/" in path and users.model is not User:
            pytest.skip("this user model has no page in the admin")
        assert opens
        impersonate(browser)
        before = list(get_user_model().objects.order_by("pk").values_list("password"))
        data = {"old_password": "right-password"}
        data |= {f"new_password{n}": "xk-3-longer" for n in (1, 2)}
        data |= {f"password{n}": "xk-3-longer" for n in (1, 2)} | {"usable_password": "true"}
        response = getattr(browser, verb)(path, *([data] if verb == "post" else []))
        assert response.status_code == 403
        assert "Not while acting as another user" in response.content.decode()
        assert "no-store" in response["Cache-Control"]
        assert list(get_user_model().objects.order_by("pk").values_list("password")) == before
        assert browser.whoami() == "ada"

    @pytest.mark.parametrize("mode", ["sync", "async"])
    @pytest.mark.parametrize("path", ["/delete-account/", "/adelete-account/", "/keys/", "/akeys/"])
    def test_what_a_site_forbids_is_closed(self, staff, user, mode, path):
        browser = Browser(mode)
        assert browser.get(path).status_code == 200
        browser.sign_in("grace")
        assert browser.get(path).status_code == 200
        impersonate(browser)
        response = browser.get(path)
        assert response.status_code == 403
        assert "Not while acting as another user" in response.content.decode()
        stop(browser)
        assert browser.get(path).status_code == 200


def test_async_requests_are_not_sent_through_a_thread_to_see_their_view():
    async def get_response(request):
        """Never called."""

    assert iscoroutinefunction(SessionsHubMiddleware(get_response).process_view)
    assert not iscoroutinefunction(SessionsHubMiddleware(lambda request: None).process_view)
