"""Ending sessions over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.models import EndReason, Session

from .conftest import URL, link

pytestmark = pytest.mark.django_db(databases="__all__")


class TestDelete:
    def test_ends_another_of_mine_in_my_name(self, ada, sign_in):
        here, there = sign_in(ada), sign_in(ada)
        response = here.delete(link(there.session_id))
        assert (response.status_code, response.content) == (204, b"")
        ended = Session.objects.get(pk=there.session_id)
        assert (ended.end_reason, ended.ended_by) == (EndReason.REVOKED_BY_USER, ada)
        assert there.get(URL).status_code == 401
        assert here.get(URL).status_code == 200

    def test_again_is_204_and_keeps_the_first_end(self, ada, browser, other_session):
        session = other_session(ada)
        Session.objects.filter(pk=session.pk).end("revoked_by_staff")
        before = Session.objects.filter(pk=session.pk).values().get()
        assert browser.delete(link(session)).status_code == 204
        assert Session.objects.filter(pk=session.pk).values().get() == before

    def test_of_an_expired_one_leaves_it_expired(self, ada, browser, other_session):
        past = timezone.now() - timedelta(hours=1)
        session = other_session(ada, expires_at=past, idle_expires_at=past)
        assert browser.delete(link(session)).status_code == 204
        assert browser.get(link(session)).json()["status"] == "expired"

    def test_of_the_current_one_signs_out(self, ada, browser):
        assert browser.delete(link(browser.session_id)).status_code == 204
        ended = Session.objects.get(pk=browser.session_id)
        assert (ended.end_reason, ended.ended_by) == (EndReason.SIGNED_OUT, ada)
        assert browser.get(URL).status_code == 401
        assert not browser.cookies["sessionid"].value


class TestEndOthers:
    def test_ends_all_but_the_current_one(self, ada, bob, sign_in, other_session):
        here, there = sign_in(ada), sign_in(ada)
        other_session(ada)
        foreign = other_session(bob)
        response = here.post(f"{URL}end-others/")
        assert (response.status_code, response.json()) == (200, {"ended": 2})
        assert there.get(URL).status_code == 401
        active = {row["id"] for row in here.get(URL, {"status": "active"}).json()["results"]}
        assert active == {str(here.session_id)}
        foreign.refresh_from_db()
        assert foreign.is_active()

    def test_counts_only_what_it_ended(self, ada, browser, other_session):
        past = timezone.now() - timedelta(hours=1)
        expired = other_session(ada, expires_at=past, idle_expires_at=past)
        Session.objects.filter(pk=other_session(ada).pk).end("limit")
        assert browser.post(f"{URL}end-others/").json() == {"ended": 0}
        expired.refresh_from_db()
        assert expired.status() == "expired"

    def test_refuses_when_the_current_one_is_not_known(self, settings, ada, browser):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/api/"]
        session = browser.session
        del session["_sessions_hub"]
        session.save()
        response = browser.post(f"{URL}end-others/")
        assert response.status_code == 409
        assert response.json()["code"] == "no_current_session"
        assert browser.get(f"{URL}current/").status_code == 404
        assert Session.objects.get(pk=browser.session_id).is_active()

    def test_spares_the_current_one_where_the_middleware_does_not_serve(
        self, settings, ada, browser, other_session
    ):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/api/"]
        other_session(ada)
        assert browser.get(f"{URL}current/").json()["current"] is True
        assert browser.post(f"{URL}end-others/").json() == {"ended": 1}
        assert Session.objects.get(pk=browser.session_id).is_active()
