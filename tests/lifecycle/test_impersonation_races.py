"""Impersonations that begin, end and go back at the same time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .impersonating import impersonate, make_staff, own, stop
from .threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("impersonation_site"),
]


def users(name):
    return get_user_model().objects.filter(username=name)


class TestRaces:
    def test_an_end_of_the_own_session_survives_a_request_being_served(
        self, staff, user, race_rounds
    ):
        for _ in range(race_rounds):
            browser, twin = Browser("sync"), Browser("sync")
            browser.sign_in("grace")
            impersonate(browser)
            twin.client.cookies = browser.client.cookies.copy()
            mine = own()
            Session.objects.update(last_used_at=timezone.now() - timedelta(days=1))
            ended, seen = at_once(
                lambda row=mine: end_session(row, reason=EndReason.REVOKED_BY_STAFF), twin.whoami
            )
            assert ended is True
            assert seen in ("ada", None)
            mine.refresh_from_db()
            assert mine.end_reason == EndReason.REVOKED_BY_STAFF
            assert browser.whoami() is None
            assert not Session.objects.active().exists()

    def test_two_members_of_staff_act_as_the_same_user(self, staff, user, race_rounds):
        make_staff("heidi")
        for _ in range(race_rounds):
            one, two = Browser("sync"), Browser("sync")
            one.sign_in("grace")
            two.sign_in("heidi")
            started = at_once(lambda b=one: impersonate(b), lambda b=two: impersonate(b))
            assert [response.status_code for response in started] == [200, 200]
            assert (one.whoami(), two.whoami()) == ("ada", "ada")
            one.sign_out()
            assert two.whoami() == "ada"
            assert stop(two).json() == {"user": "heidi"}
            assert two.whoami() == "heidi"
            two.sign_out()
            assert not Session.objects.active().exists()

    def test_of_two_starts_of_one_browser_one_counts(self, staff, user, make_user, race_rounds):
        make_user("bob")
        for _ in range(race_rounds):
            one, two = Browser("sync"), Browser("sync")
            one.sign_in("grace")
            two.client.cookies = one.client.cookies.copy()
            started = at_once(
                lambda b=one: impersonate(b, "ada"), lambda b=two: impersonate(b, "bob")
            )
            codes = sorted(response.status_code for response in started)
            assert codes[0] == 200
            # One that came between the other's rows and its Django session replaces it.
            assert codes[1] in (200, 403, 400)
            standing = Session.objects.active().filter(session_type="impersonation").get()
            winner, loser = (one, two) if standing.user.username == "ada" else (two, one)
            assert loser.whoami() is None
            assert winner.whoami() == standing.user.username
            winner.sign_out()
            assert not Session.objects.active().exists()

    def test_of_two_ways_back_one_counts(self, staff, user, race_rounds):
        for _ in range(race_rounds):
            one, two = Browser("sync"), Browser("sync")
            one.sign_in("grace")
            impersonate(one)
            two.client.cookies = one.client.cookies.copy()
            back = at_once(lambda b=one: stop(b), lambda b=two: stop(b))
            users_after = [r.json().get("user") for r in back if r.status_code == 200]
            assert users_after.count("grace") <= 1
            assert not Session.objects.active().filter(session_type="impersonation").exists()
            Session.objects.all().delete()

    def test_a_target_deleted_meanwhile_leaves_no_orphan(self, staff, race_rounds, make_user):
        for _ in range(race_rounds):
            target = make_user("bob")
            browser = Browser("sync")
            browser.sign_in("grace")
            started, deleted = at_once(
                lambda b=browser: impersonate(b, "bob"), lambda user=target: user.delete()
            )
            assert started.status_code in (200, 403, 503)
            answer = browser.get("/whoami/")
            assert answer.status_code == 200
            if isinstance(deleted, IntegrityError):
                # The row was faster, as any sign-in may be: the user is still there.
                assert answer.json()["user"] == "bob"
                users("bob").get().delete()
            else:
                assert answer.json()["user"] in (None, "grace")
            assert browser.whoami() in (None, "grace")
            orphans = Session.objects.filter(session_type="impersonation", ended_at=None)
            assert not orphans.exists()
