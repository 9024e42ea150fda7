"""An impersonation ends on its next request when its ground is gone (requirement 68)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db import DatabaseError
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .impersonating import impersonate, make_staff, own, stop, the_impersonation
from .stores import change_store
from .test_query_counts import Statements

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("impersonation_site"),
]


def users(name):
    return get_user_model().objects.filter(username=name)


def change_password(name):
    user = users(name).get()
    user.set_password("another")
    user.save()


def past(name):
    """Let the limits of somebody's own session pass, unseen by anybody."""
    then = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(pk=own(name).pk).update(expires_at=then, idle_expires_at=then)


def idle(name):
    then = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(pk=own(name).pk).update(idle_expires_at=then)


# What happens, the reason its row ends with, and the one the own session ends with.
OVER = EndReason.IMPERSONATION_OVER
GROUNDS = {
    "actor disabled": (
        lambda: users("grace").update(is_active=False),
        OVER,
        EndReason.USER_DISABLED,
    ),
    "actor deleted": (lambda: users("grace").get().delete(), OVER, None),
    "actor deleted by SQL": (
        # As a database's own cascade leaves it.
        lambda: Session.objects.filter(impersonator__username="grace").update(impersonator=None),
        OVER,
        EndReason.SIGNED_OUT,
    ),
    "actor without the permission": (
        lambda: users("grace").get().user_permissions.clear(),
        OVER,
        EndReason.SIGNED_OUT,
    ),
    "actor with another password": (
        lambda: change_password("grace"),
        OVER,
        EndReason.CREDENTIALS_CHANGED,
    ),
    "own session ended, unseen": (
        lambda: Session.objects.filter(pk=own().pk).update(
            ended_at=timezone.now(), end_reason="signed_out"
        ),
        OVER,
        EndReason.SIGNED_OUT,
    ),
    "own session ended": (
        lambda: end_session(own(), reason=EndReason.REVOKED_BY_STAFF),
        OVER,
        EndReason.REVOKED_BY_STAFF,
    ),
    "own session expired": (lambda: past("grace"), OVER, EndReason.EXPIRED),
    "own session idle": (lambda: idle("grace"), OVER, EndReason.IDLE),
    "own session gone": (lambda: Session.objects.filter(pk=own().pk).delete(), OVER, None),
    "target disabled": (
        lambda: users("ada").update(is_active=False),
        OVER,
        EndReason.SIGNED_OUT,
    ),
    "target promoted": (lambda: users("ada").update(is_staff=True), OVER, EndReason.SIGNED_OUT),
    "target deleted": (lambda: users("ada").get().delete(), None, EndReason.SIGNED_OUT),
    "target with another password": (
        lambda: change_password("ada"),
        EndReason.CREDENTIALS_CHANGED,
        EndReason.SIGNED_OUT,
    ),
    "nothing": (lambda: None, "", ""),
}


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_it_stands_on(ground, mode, staff, user):
    happens, reason, own_reason = GROUNDS[ground]
    browser = Browser(mode)
    browser.sign_in("grace")
    impersonate(browser)
    assert browser.whoami() == "ada"
    mine = own().pk
    happens()
    response = browser.get(browser.twin("/whoami/"))
    assert response.status_code == 200
    who = response.json()["user"]
    assert who == (None if ground != "nothing" else "ada")
    row = Session.objects.filter(session_type="impersonation").first()
    assert (row.end_reason if row else None) == reason
    assert browser.whoami() == who
    behind = Session.objects.filter(pk=mine).first()
    assert (behind.end_reason if behind else None) == own_reason


@pytest.mark.parametrize(
    "ground", [name for name in GROUNDS if name not in ("nothing", "target with another password")]
)
def test_the_way_back_never_leads_to_a_user_who_is_out(ground, acting):
    """hijack's release signs the stored user in, whatever has become of them."""
    GROUNDS[ground][0]()
    stop(acting)
    assert acting.whoami() is None
    assert not Session.objects.active().filter(session_type="regular_login").exists()


@pytest.mark.parametrize("ground", [name for name in GROUNDS if name.startswith(("actor", "own"))])
def test_the_way_back_is_judged_where_requests_are_not(ground, acting, settings):
    settings.SESSIONS_HUB_EXEMPT_PATHS = ["/stop/"]
    GROUNDS[ground][0]()
    response = stop(acting)
    may_go_back = ground in ("actor without the permission", "actor deleted by SQL")
    assert response.json() == {"user": "grace" if may_go_back else ""}
    assert acting.whoami() == ("grace" if may_go_back else None)


class TestSuperusers:
    @pytest.fixture
    def root(self, user):
        make_staff("root", is_superuser=True)
        users("ada").update(is_staff=True)
        browser = Browser("sync")
        browser.sign_in("root")
        assert impersonate(browser).status_code == 200
        assert browser.whoami() == "ada"
        return browser

    def test_demoted_may_not_go_on_as_staff(self, root):
        users("root").update(is_superuser=False)
        assert users("root").get().has_perm("sessions_hub.impersonate_user")
        assert root.whoami() is None
        assert the_impersonation().end_reason == OVER

    def test_demoted_may_go_on_as_anybody_else(self, root):
        users("ada").update(is_staff=False)
        users("root").update(is_superuser=False)
        assert root.whoami() == "ada"


class TestTickets:
    @pytest.mark.parametrize("enforced", [True, False])
    @pytest.mark.parametrize("held", [None, 7, {}, {"of": "x"}], ids=str)
    def test_a_lost_or_broken_one_ends_it(self, acting, held, enforced, settings):
        settings.SESSIONS_HUB_ENFORCE = enforced
        change_store(acting, _sessions_hub_suspended=held)
        assert acting.whoami() is None
        assert the_impersonation().end_reason == OVER

    def test_one_in_a_session_of_ones_own_means_nothing(self, acting, user):
        from .stores import cookie_of, store

        held = store(cookie_of(acting))["_sessions_hub_suspended"]
        ada = Browser("sync")
        ada.sign_in("ada")
        change_store(ada, _sessions_hub_suspended=held)
        assert ada.whoami() == "ada"
        assert stop(ada).status_code == 403
        assert ada.get("/delete-account/").status_code == 200


class TestFaults:
    """Closed: nobody goes on unjudged, and nobody is signed out by a fault."""

    def broken(self, *args, **kwargs):
        raise RuntimeError("broken")

    def test_permissions_that_cannot_be_told(self, acting, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(ModelBackend, "has_perm", self.broken)
            assert acting.get("/whoami/").status_code == 503
        assert acting.whoami() == "ada"

    @pytest.mark.parametrize("error", [DatabaseError, RuntimeError])
    def test_rows_that_cannot_be_read(self, acting, monkeypatch, error):
        def fail(*args, **kwargs):
            raise error("down")

        with monkeypatch.context() as patch:
            patch.setattr("sessions_hub.lifecycle.impersonated.own_session", fail)
            assert acting.get("/whoami/").status_code == 503
            assert stop(acting).status_code == 503
        assert acting.whoami() == "ada"

    def test_an_end_that_cannot_be_stored_refuses_all_the_same(self, acting, monkeypatch):
        def fail(*args, **kwargs):
            raise DatabaseError("down")

        users("grace").update(is_active=False)
        with monkeypatch.context() as patch:
            patch.setattr("sessions_hub.lifecycle.impersonated.end_row", fail)
            assert acting.whoami() is None
        assert acting.whoami() is None

    def test_a_sign_out_that_cannot_be_stored_is_503(self, acting, monkeypatch):
        def fail(*args, **kwargs):
            raise DatabaseError("down")

        with monkeypatch.context() as patch:
            patch.setattr("sessions_hub.lifecycle.impersonated.end_row", fail)
            assert acting.sign_out().status_code == 503
        assert acting.whoami() == "ada"


class TestCost:
    def test_is_one_select_and_django_s_for_permissions(self, acting, settings):
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]
        browser = Browser("sync")
        browser.client.cookies = acting.client.cookies
        browser.whoami()
        with Statements() as ran:
            browser.get("/read-user/")
        assert len(ran.ours) == 2
        # Those of the user and those of the groups.
        permissions = [sql for sql in ran.all if "auth_permission" in sql]
        assert len(permissions) <= 2
        assert len(ran.all) == 2 + 2 + len(permissions)
        assert ran.writes == []

    def test_is_one_touch_of_each_session(self, staff, user, browser):
        # At noon: the first use of a day is noted in more rows.
        with time_machine.travel(datetime(2030, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
            browser.sign_in("grace")
            impersonate(browser)
            clock.shift(61)
            with Statements() as ran:
                browser.get("/public/")
            assert len(ran.writes) == 2
            with Statements() as ran:
                browser.get("/public/")
            assert ran.writes == []


def test_deleting_the_actor_ends_it_at_once(acting, settings):
    users("grace").get().delete()
    row = the_impersonation()
    assert (row.end_reason, row.impersonator, row.impersonator_label) == (OVER, None, "grace")


def test_the_permission_of_a_target_is_of_no_use(acting, user):
    """The rules are asked of who acts, not of whom they act as."""
    user.user_permissions.add(Permission.objects.get(codename="impersonate_user"))
    users("grace").get().user_permissions.clear()
    assert acting.whoami() is None
