"""Acting as another user changes sides in the browser, and back, on every engine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.models import Device, EndReason, Session
from tests.lifecycle.impersonating import (
    REASON,
    impersonate,
    make_staff,
    own,
    stop,
    the_impersonation,
)

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.lifecycle.impersonating"),
]


@pytest.fixture
def staff(engine):
    return make_staff()


@pytest.fixture
def target(engine, make_user):
    return make_user()


@pytest.fixture
def grace(staff, target, browser):
    """Her browser, signed in, with something in its session."""
    browser.sign_in("grace")
    browser.get("/cart/")
    return browser


def cookie(browser):
    return browser.cookies[django_settings.SESSION_COOKIE_NAME].value


def replay(new_browser, value):
    other = new_browser()
    other.cookies[django_settings.SESSION_COOKIE_NAME] = value
    return other


def test_starts_and_stops(grace, staff, target):
    mine = own()
    started = impersonate(grace)
    assert (started.status_code, started.json()["user"]) == (200, "ada")
    row = the_impersonation()
    assert started.json()["session"] == str(row.pk)
    assert (row.user, row.impersonator, row.impersonator_label) == (target, staff, "grace")
    assert (row.impersonation_reason, row.impersonator_session_id) == (REASON, mine.pk)
    assert grace.whoami() == "ada"
    assert grace.session_id() == str(row.pk)
    stopped = stop(grace)
    assert (stopped.status_code, stopped.json()["user"]) == (200, "grace")
    assert grace.whoami() == "grace"
    assert grace.session_id() == str(mine.pk)
    row.refresh_from_db()
    assert (row.end_reason, row.ended_by) == (EndReason.IMPERSONATION_OVER, staff)
    mine.refresh_from_db()
    assert mine.ended_at is None
    assert Session.objects.count() == 2
    # And once more.
    assert impersonate(grace).status_code == 200
    assert grace.whoami() == "ada"


def test_the_key_changes_both_times_and_the_old_ones_are_dead(grace, new_browser):
    first = cookie(grace)
    impersonate(grace)
    second = cookie(grace)
    assert replay(new_browser, first).whoami() is None
    assert grace.whoami() == "ada"
    stop(grace)
    third = cookie(grace)
    assert len({first, second, third}) == 3
    assert replay(new_browser, first).whoami() is None
    assert replay(new_browser, second).whoami() is None
    assert stop(replay(new_browser, second)).status_code == 403
    # None of that has cost her the session she has gone back to.
    assert grace.whoami() == "grace"


def test_nothing_in_the_session_goes_along(grace):
    impersonate(grace)
    assert grace.get("/read-session/").json() == {"cart": None}
    grace.get("/cart/")
    stop(grace)
    assert grace.get("/read-session/").json() == {"cart": None}


def test_ends_with_the_own_session_on_the_next_request(grace):
    impersonate(grace)
    assert end_session(own(), reason=EndReason.REVOKED_BY_STAFF)
    assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER
    assert grace.whoami() is None


def test_a_sign_out_ends_both(grace, staff):
    impersonate(grace)
    grace.sign_out()
    assert grace.whoami() is None
    row, mine = the_impersonation(), own()
    assert (row.end_reason, row.ended_by) == (EndReason.IMPERSONATION_OVER, staff)
    assert (mine.end_reason, mine.ended_by) == (EndReason.SIGNED_OUT, staff)


def test_the_user_who_signs_in_over_it_gets_a_session_of_their_own(grace, target, new_browser):
    impersonate(grace)
    grace.get("/cart/")
    before = cookie(grace)
    grace.sign_in("ada")
    assert grace.whoami() == "ada"
    new = own("ada")
    assert grace.session_id() == str(new.pk)
    assert new.expires_at > timezone.now() + timedelta(days=1)
    assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER
    assert own().end_reason == EndReason.REPLACED
    assert grace.get("/read-session/").json() == {"cart": None}
    assert replay(new_browser, before).whoami() is None
    assert stop(grace).status_code == 403


def test_another_user_who_signs_in_over_it_gets_a_session_of_their_own(grace, make_user):
    make_user("bob")
    impersonate(grace)
    grace.sign_in("bob")
    assert grace.whoami() == "bob"
    assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER
    assert own().end_reason == EndReason.REPLACED


def test_leaves_the_user_s_own_record_alone(grace, target, new_browser):
    theirs = new_browser()
    theirs.sign_in("ada")
    target.refresh_from_db()
    last_login, devices = target.last_login, list(Device.objects.filter(user=target).values())
    impersonate(grace)
    grace.get(grace.twin("/whoami/"), user_agent="Another/1.0")
    target.refresh_from_db()
    assert target.last_login == last_login
    assert list(Device.objects.filter(user=target).values()) == devices
    row = the_impersonation()
    assert row.session_devices.count() == 2
    assert list(row.session_devices.values_list("device", flat=True)) == [None, None]
    stop(grace)
    assert theirs.whoami() == "ada"


def test_an_answer_that_fails_leaves_nobody_signed_in(grace):
    response = grace.post(grace.twin("/impersonate/") + "?user=ada&status=500", {"reason": REASON})
    assert response.status_code == 500
    assert grace.whoami() is None
    assert the_impersonation().end_reason == EndReason.REVOKED_BY_POLICY
    assert own().end_reason == EndReason.SIGNED_OUT


def test_a_way_back_that_fails_leaves_nobody_signed_in(grace):
    impersonate(grace)
    assert grace.post(grace.twin("/stop/") + "?status=500").status_code == 500
    assert grace.whoami() is None
    assert the_impersonation().end_reason == EndReason.IMPERSONATION_OVER
    assert own().end_reason == EndReason.SIGNED_OUT
