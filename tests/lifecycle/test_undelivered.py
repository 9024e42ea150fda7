"""A sign-in whose answer never carried a session, and one that vanished."""

from __future__ import annotations

import pytest

from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class TestServerError:
    @pytest.mark.parametrize("mode", ["sync", "async"])
    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_sign_in_answered_with_it_leaves_no_active_row(self, user, mode, status):
        browser = Browser(mode)
        browser.sign_in("ada", f"&status={status}")
        assert Session.objects.active().count() == 0
        assert browser.whoami() is None

    def test_a_view_that_raises_after_the_sign_in_leaves_no_active_row(self, user, browser):
        assert browser.get("/sign-in-and-fail/?user=ada").status_code == 500
        assert Session.objects.active().count() == 0
        assert browser.whoami() is None

    @pytest.mark.parametrize("status", [200, 302, 400, 404, 499])
    def test_any_other_answer_keeps_the_sign_in(self, user, browser, status):
        browser.sign_in("ada", f"&status={status}")
        assert browser.whoami() == "ada"
        assert Session.objects.active().count() == 1

    def test_an_old_session_survives_it(self, signed_in):
        signed_in.get("/boom/")
        assert signed_in.whoami() == "ada"

    def test_gives_a_new_device_no_key(self, user, browser, settings):
        browser.sign_in("ada", "&status=500")
        assert settings.SESSION_COOKIE_NAME not in browser.cookies
        assert not [name for name in browser.cookies if "device" in name]


class TestVanished:
    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_a_view_that_flushes_by_hand_signs_out(self, user, mode):
        browser = Browser(mode)
        browser.sign_in("ada")
        browser.get("/flush/")
        row = Session.objects.get()
        assert row.end_reason == EndReason.SIGNED_OUT
        assert browser.whoami() is None

    def test_signing_out_and_in_again_in_one_request_is_two_sessions(self, signed_in, make_user):
        make_user("bob")
        signed_in.get("/switch/?user=bob")
        first, second = Session.objects.order_by("pk")
        assert first.end_reason == EndReason.SIGNED_OUT
        assert second.ended_at is None
        assert signed_in.whoami() == "bob"

    def test_a_changed_password_names_its_own_reason(self, signed_in, user):
        user.set_password("another")
        user.save()
        assert signed_in.whoami() is None
        assert Session.objects.get().end_reason == EndReason.CREDENTIALS_CHANGED
