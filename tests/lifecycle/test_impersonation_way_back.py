"""The way back from an impersonation, and the own session that waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.models import F
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import end_session, end_sessions
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .conftest import START
from .impersonating import impersonate, own, stop, the_impersonation
from .stores import change_store, cookie_of, store, with_cookie

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("impersonation_site"),
]


class TestTheWayBack:
    def test_is_by_post_alone(self, acted):
        assert acted.get("/stop/").json() == {"code": "method"}
        assert acted.whoami() == "ada"

    def test_needs_an_impersonation(self, user, signed_in):
        assert stop(signed_in).json() == {"code": "not_impersonating"}
        assert signed_in.whoami() == "ada"
        assert stop(Browser("sync")).json() == {"code": "not_impersonating"}

    def test_needs_no_permission(self, acted, staff):
        """Somebody demoted is signed out by the next request; the way back is one."""
        staff.user_permissions.clear()
        assert stop(acted).status_code == 403
        assert acted.whoami() is None

    def test_keeps_proofs_and_expiry_of_the_own_session(self, clock, staff, user, browser):
        TOTPDevice.objects.create(pk=1, user=staff, name="phone")
        browser.get("/sign-in-with-code/?user=grace")
        browser.get("/save/?expiry=7200")
        before = own()
        impersonate(browser)
        stop(browser)
        session = store(cookie_of(browser))
        assert session["otp_device_id"] == "otp_totp.totpdevice/1"
        assert session.get_expiry_age() == 7200
        assert "seen" not in session
        assert "_sessions_hub_suspended" not in session
        browser.whoami()
        after = own()
        assert after.assurance_level == before.assurance_level == 2
        assert after.authentication_methods.count() == 2
        assert after.authenticated_at == before.authenticated_at
        assert after.expires_at == before.expires_at

    def test_is_no_new_proof(self, clock, acted):
        clock.shift(1000)
        stop(acted)
        assert impersonate(acted).json()["code"] == "stale"

    def test_is_the_same_session_as_before(self, acted):
        stop(acted)
        assert acted.session_id() == str(own().pk)
        assert Session.objects.count() == 2
        assert own().ended_at is None

    def test_that_cannot_be_stored_is_503_and_changes_nothing(self, acted, monkeypatch):
        def fail(*args, **kwargs):
            raise DatabaseError("full disk")

        with monkeypatch.context() as patch:
            patch.setattr("sessions_hub.lifecycle.way_back.end_row", fail)
            assert stop(acted).status_code == 503
        assert acted.whoami() == "ada"
        assert stop(acted).json() == {"user": "grace"}

    @pytest.mark.parametrize(
        "change",
        [
            {"session_id": None},
            {"generation": 0},
            {"backend": "no.such.Backend"},
        ],
        ids=str,
    )
    def test_with_a_forged_ticket_is_none(self, acted, change, make_user):
        """The stored ticket is not believed where the rows say otherwise."""
        make_user("bob")
        other = Browser("sync")
        other.sign_in("bob")
        key = "_sessions_hub_suspended"
        held = dict(store(cookie_of(acted))[key])
        if "session_id" in change:
            held["id"] = str(own("bob").pk)
            held["generation"] = 0
        else:
            held |= change
        change_store(acted, **{key: held})
        stop(acted)
        assert acted.whoami() is None
        assert other.whoami() == "bob"

    @pytest.mark.parametrize("name", ["generation", "id"])
    def test_a_forged_ticket_ends_it_on_the_next_request(self, acted, make_user, name):
        key = "_sessions_hub_suspended"
        held = dict(store(cookie_of(acted))[key])
        if name == "id":
            # Another session of her own, of the same generation.
            other = Browser("sync")
            other.sign_in("grace")
            Session.objects.filter(pk=own().pk).update(generation=held["generation"])
            held["id"] = str(own().pk)
        else:
            held["generation"] += 1
        change_store(acted, **{key: held})
        assert acted.whoami() is None
        assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER

    def test_is_good_once_where_requests_are_not_judged(self, acted, settings):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/stop/"]
        again = with_cookie(cookie_of(acted))
        Session.objects.filter(pk=own().pk).update(generation=F("generation") + 1)
        assert stop(again).json() == {"user": ""}
        assert again.whoami() is None
        # It is somebody's who has gone back to it.
        assert own().ended_at is None

    def test_two_browsers_with_one_cookie_go_back_once(self, acted):
        cookie = cookie_of(acted)
        stop(acted)
        assert stop(with_cookie(cookie)).status_code == 403


class TestOwnSession:
    """It waits, and does not rest while its user is at work."""

    def test_is_used_while_its_user_acts(self, clock, staff, user, browser, settings):
        browser.sign_in("grace")
        idle = timedelta(minutes=15)
        Session.objects.update(idle_timeout=idle, idle_expires_at=START + idle)
        impersonate(browser)
        before = own().expires_at
        for _ in range(5):
            clock.shift(600)
            assert browser.whoami() == "ada"
        assert own().last_used_at == START + timedelta(minutes=50)
        assert own().expires_at == before
        stop(browser)
        assert browser.whoami() == "grace"

    def test_rests_when_nobody_acts(self, clock, staff, user, browser):
        browser.sign_in("grace")
        idle = timedelta(minutes=15)
        Session.objects.update(idle_timeout=idle, idle_expires_at=START + idle)
        impersonate(browser)
        clock.shift(901)
        assert browser.whoami() is None
        assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER

    def test_is_not_presented_by_its_old_cookie(self, staff, user, browser):
        browser.sign_in("grace")
        old = with_cookie(cookie_of(browser))
        impersonate(browser)
        assert old.whoami() is None
        assert browser.whoami() == "ada"

    @pytest.mark.parametrize(
        "end",
        [
            lambda row: end_session(row, reason=EndReason.REVOKED_BY_STAFF),
            lambda row: end_sessions(
                Session.objects.filter(pk=row.pk), reason=EndReason.REVOKED_BY_USER
            ),
            lambda row: Session.objects.for_user(row.user).end(EndReason.COMPROMISED),
            lambda row: Session.objects.stamp_expired(row.expires_at),
            lambda row: row.user.delete(),
        ],
        ids=["one", "some", "all", "expired", "user deleted"],
    )
    def test_takes_the_impersonation_with_it_at_once(self, acted, end):
        end(own())
        assert the_impersonation().ended_at is not None
        assert acted.whoami() is None

    def test_of_another_leaves_the_impersonation_alone(self, acted, staff):
        other = Browser("sync")
        other.sign_in("grace")
        end_session(own(), reason=EndReason.REVOKED_BY_USER)
        assert acted.whoami() == "ada"

    def test_ended_by_staff_the_impersonation_alone_signs_out(self, acted):
        end_session(the_impersonation(), reason=EndReason.REVOKED_BY_STAFF)
        assert acted.whoami() is None
        assert the_impersonation().end_reason == EndReason.REVOKED_BY_STAFF
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_a_view_that_flushes_ends_both(self, acted):
        acted.get("/flush/")
        assert acted.whoami() is None
        assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_a_sign_out_that_fails_afterwards_holds(self, acted, atomic_requests):
        acted.get("/sign-out-and-fail/")
        assert the_impersonation().ended_at is not None
        assert own().end_reason == EndReason.SIGNED_OUT
