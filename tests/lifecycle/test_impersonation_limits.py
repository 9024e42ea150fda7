"""What an impersonation cannot do (security requirement 67), and how it goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from asgiref.sync import iscoroutinefunction
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.db.models import F
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import end_session, end_sessions
from sessions_hub.lifecycle.prune import delete_ended
from sessions_hub.middleware import SessionsHubMiddleware
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .impersonating import impersonate, make_staff, own, stop, the_impersonation
from .stores import change_store, cookie_of, store, with_cookie

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("its_views"),
]

START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def its_views(settings):
    settings.ROOT_URLCONF = "tests.lifecycle.impersonating"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def grace(staff, user, browser) -> Browser:
    """Her browser, acting as ada."""
    browser.sign_in("grace")
    impersonate(browser)
    assert browser.whoami() == "ada"
    return browser


class TestItsLimit:
    @pytest.mark.parametrize(("seconds", "who"), [(3599, "ada"), (3600, None), (3601, None)])
    def test_is_the_hour_exactly(self, clock, grace, seconds, who):
        clock.shift(seconds)
        assert grace.whoami() == who

    def test_is_not_moved_by_use(self, clock, grace, settings):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        for _ in range(59):
            clock.shift(60)
            assert grace.whoami() == "ada"
            grace.get("/save/")
            assert the_impersonation().expires_at == START + HOUR
        assert the_impersonation().last_used_at == START + timedelta(minutes=59)
        clock.shift(60)
        assert grace.whoami() is None
        row = the_impersonation()
        assert (row.ended_at, row.end_reason) == (START + HOUR, EndReason.EXPIRED)
        # Nobody can go back to it, so it does not stay in the lists either.
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_is_not_moved_by_set_expiry(self, clock, grace):
        grace.get("/save/?expiry=864000")
        clock.shift(120)
        grace.get("/save/?expiry=864000")
        assert the_impersonation().expires_at == START + HOUR
        clock.shift(3480)
        assert grace.whoami() is None

    def test_is_not_moved_by_a_second_factor_nor_is_its_level(self, clock, grace):
        before = the_impersonation()
        grace.get("/verify-code/")
        clock.shift(61)
        grace.whoami()
        row = the_impersonation()
        assert (row.assurance_level, row.expires_at) == (0, before.expires_at)
        assert row.authenticated_at == before.authenticated_at
        assert row.mfa_updated_at is None
        assert not row.authentication_methods.exists()

    def test_is_not_moved_by_start_session(self, clock, grace):
        """Saying more of a sign-in that never was makes a session of the user's own."""
        clock.shift(60)
        grace.get("/sign-in-and-say-more/?user=ada&minutes=600")
        row = the_impersonation()
        assert (row.expires_at, row.end_reason) == (START + HOUR, EndReason.IMPERSONATION_OVER)

    def test_holds_where_enforcement_is_off(self, clock, grace, settings):
        settings.SESSIONS_HUB_ENFORCE = False
        assert grace.whoami() == "ada"
        clock.shift(3600)
        assert grace.whoami() is None

    def test_holds_when_its_row_was_pruned(self, clock, grace):
        end_session(the_impersonation(), reason=EndReason.REVOKED_BY_STAFF)
        assert sum(delete_ended(START + timedelta(days=2), timedelta(days=1))) == 1
        assert grace.whoami() is None
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_is_soon_followed_by_django_s_own(self, clock, grace):
        assert store(cookie_of(grace)).get_expiry_age() == 7200

    def test_a_browser_s_length_stays_one(self, clock, staff, user, browser):
        browser.sign_in("grace", "&expiry=0")
        impersonate(browser)
        assert browser.cookies["sessionid"]["max-age"] == ""
        clock.shift(3600)
        assert browser.whoami() is None


class TestCredentials:
    def test_a_password_changed_by_a_view_ends_it(self, grace, caplog, monkeypatch):
        # As where a user model sets passwords in a way of its own.
        monkeypatch.setattr("sessions_hub.receivers.keep_password", lambda *args: None)
        grace.get("/change-password/?to=stolen-password")
        assert cookie_of(grace) == ""
        assert grace.whoami() is None
        assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER
        assert own().end_reason == EndReason.SIGNED_OUT
        assert "impersonation_changed_credentials" in caplog.text

    def test_a_password_changed_elsewhere_ends_it(self, grace, user):
        user.set_password("another-password")
        user.save()
        assert grace.whoami() is None
        assert the_impersonation().end_reason == EndReason.CREDENTIALS_CHANGED
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_a_rotated_secret_key_does_not(self, grace, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "rotated-" + settings.SECRET_KEY
        assert grace.whoami() == "ada"
        assert grace.whoami() == "ada"
        assert stop(grace).json() == {"user": "grace"}
        assert grace.whoami() == "grace"
        settings.SECRET_KEY_FALLBACKS = []
        impersonate(grace)
        assert grace.whoami() == "ada"

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
        assert browser.get(path).status_code in (200, 404)
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


class TestTheWayBack:
    def test_is_by_post_alone(self, grace):
        assert grace.get("/stop/").json() == {"code": "method"}
        assert grace.whoami() == "ada"

    def test_needs_an_impersonation(self, user, signed_in):
        assert stop(signed_in).json() == {"code": "not_impersonating"}
        assert signed_in.whoami() == "ada"
        assert stop(Browser("sync")).json() == {"code": "not_impersonating"}

    def test_needs_no_permission(self, grace, staff):
        """Somebody demoted is signed out by the next request; the way back is one."""
        staff.user_permissions.clear()
        assert stop(grace).status_code == 403
        assert grace.whoami() is None

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

    def test_is_no_new_proof(self, clock, grace):
        clock.shift(1000)
        stop(grace)
        assert impersonate(grace).json()["code"] == "stale"

    def test_is_the_same_session_as_before(self, grace):
        stop(grace)
        assert grace.session_id() == str(own().pk)
        assert Session.objects.count() == 2
        assert own().ended_at is None

    def test_that_cannot_be_stored_is_503_and_changes_nothing(self, grace, monkeypatch):
        def fail(*args, **kwargs):
            raise DatabaseError("full disk")

        with monkeypatch.context() as patch:
            patch.setattr("sessions_hub.lifecycle.way_back.end_row", fail)
            assert stop(grace).status_code == 503
        assert grace.whoami() == "ada"
        assert stop(grace).json() == {"user": "grace"}

    @pytest.mark.parametrize(
        "change",
        [
            {"session_id": None},
            {"generation": 0},
            {"backend": "no.such.Backend"},
        ],
        ids=str,
    )
    def test_with_a_forged_ticket_is_none(self, grace, change, make_user):
        """The stored ticket is not believed where the rows say otherwise."""
        make_user("bob")
        other = Browser("sync")
        other.sign_in("bob")
        key = "_sessions_hub_suspended"
        held = dict(store(cookie_of(grace))[key])
        if "session_id" in change:
            held["id"] = str(own("bob").pk)
            held["generation"] = 0
        else:
            held |= change
        change_store(grace, **{key: held})
        stop(grace)
        assert grace.whoami() is None
        assert other.whoami() == "bob"

    @pytest.mark.parametrize("name", ["generation", "id"])
    def test_a_forged_ticket_ends_it_on_the_next_request(self, grace, make_user, name):
        key = "_sessions_hub_suspended"
        held = dict(store(cookie_of(grace))[key])
        if name == "id":
            # Another session of her own, of the same generation.
            other = Browser("sync")
            other.sign_in("grace")
            Session.objects.filter(pk=own().pk).update(generation=held["generation"])
            held["id"] = str(own().pk)
        else:
            held["generation"] += 1
        change_store(grace, **{key: held})
        assert grace.whoami() is None
        assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER

    def test_is_good_once_where_requests_are_not_judged(self, grace, settings):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/stop/"]
        again = with_cookie(cookie_of(grace))
        Session.objects.filter(pk=own().pk).update(generation=F("generation") + 1)
        assert stop(again).json() == {"user": ""}
        assert again.whoami() is None
        # It is somebody's who has gone back to it.
        assert own().ended_at is None

    def test_two_browsers_with_one_cookie_go_back_once(self, grace):
        cookie = cookie_of(grace)
        stop(grace)
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
    def test_takes_the_impersonation_with_it_at_once(self, grace, end):
        end(own())
        assert the_impersonation().ended_at is not None
        assert grace.whoami() is None

    def test_of_another_leaves_the_impersonation_alone(self, grace, staff):
        other = Browser("sync")
        other.sign_in("grace")
        end_session(own(), reason=EndReason.REVOKED_BY_USER)
        assert grace.whoami() == "ada"

    def test_ended_by_staff_the_impersonation_alone_signs_out(self, grace):
        end_session(the_impersonation(), reason=EndReason.REVOKED_BY_STAFF)
        assert grace.whoami() is None
        assert the_impersonation().end_reason == EndReason.REVOKED_BY_STAFF
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_a_view_that_flushes_ends_both(self, grace):
        grace.get("/flush/")
        assert grace.whoami() is None
        assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER
        assert own().end_reason == EndReason.SIGNED_OUT

    def test_a_sign_out_that_fails_afterwards_holds(self, grace, atomic_requests):
        grace.get("/sign-out-and-fail/")
        assert the_impersonation().ended_at is not None
        assert own().end_reason == EndReason.SIGNED_OUT
