"""Ending a session by its token."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from sessions_hub.models import EndReason, Session
from tests.credentials.forged import FORGED

from .conftest import URL
from .signing import REVOKE, allow, post, token_of
from .signing import ask as ask
from .signing import site as site
from .signing import staff as staff
from .test_impersonation import acting as acting
from .test_problems import problem

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("site")]


class TestRevocation:
    @pytest.fixture
    def other(self, ada, sign_in) -> Client:
        """Another browser of ada's."""
        return sign_in(ada)

    def row(self, client: Client) -> Session:
        return Session.objects.get(pk=client.session_id)

    def test_ends_the_session_and_its_tokens(self, browser, other, ada, ask):
        token, second = token_of(other), token_of(other)
        assert post(browser, REVOKE, token).status_code == 200
        row = self.row(other)
        assert (row.end_reason, row.ended_by) == (EndReason.REVOKED_BY_USER, ada)
        assert ask(token) == ask(second) == {"active": False}
        assert other.get(URL).status_code == 401
        assert browser.get(URL).status_code == 200

    def test_of_ones_own_session_is_signing_out(self, browser):
        token = token_of(browser)
        assert post(browser, REVOKE, token).status_code == 200
        assert self.row(browser).end_reason == EndReason.SIGNED_OUT
        assert browser.get(URL).status_code == 401

    def test_by_staff(self, browser, bob, sign_in):
        allow(bob, "end_session")
        token = token_of(browser)
        assert post(sign_in(bob), REVOKE, token).status_code == 200
        row = self.row(browser)
        assert (row.end_reason, row.ended_by) == (EndReason.REVOKED_BY_STAFF, bob)

    def test_by_staff_is_written_down(self, browser, bob, sign_in):
        """As an end by the API for staff is."""
        allow(bob, "end_session")
        post(sign_in(bob), REVOKE, token_of(browser))
        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_id) == (bob, str(browser.session_id))
        assert entry.change_message.startswith("staff.sessions_ended ")

    def test_by_staff_that_cannot_be_written_down_ends_nothing(
        self, browser, bob, sign_in, monkeypatch
    ):
        def fail(*args, **kwargs):
            raise RuntimeError

        allow(bob, "end_session")
        monkeypatch.setattr(LogEntry, "save", fail)
        response = post(sign_in(bob), REVOKE, token_of(browser))
        assert problem(response) == (503, "unavailable")
        assert self.row(browser).is_active()

    def test_by_who_was_staff_is_refused(self, browser, bob, sign_in):
        allow(bob, "end_session")
        type(bob).objects.filter(pk=bob.pk).update(is_staff=False)
        response = post(sign_in(bob), REVOKE, token_of(browser))
        assert problem(response) == (403, "permission_denied")
        assert self.row(browser).is_active()

    def test_by_somebody_else_is_refused(self, browser, bob, sign_in):
        """RFC 7009 §2.1: also by a service that was handed the token."""
        token = token_of(browser)
        response = post(sign_in(bob), REVOKE, token)
        assert problem(response) == (403, "permission_denied")
        assert problem(post(Client(), REVOKE, token)) == (401, "not_authenticated")
        assert self.row(browser).is_active()

    def test_of_no_token_is_nothing_to_do(self, browser):
        for _known, _code, token in FORGED:
            if token:
                response = post(browser, REVOKE, token)
                assert (response.status_code, response.content) == (200, b"")
        assert self.row(browser).is_active()

    def test_twice_is_once(self, browser, other):
        token = token_of(other)
        assert post(browser, REVOKE, token).status_code == 200
        first = self.row(other)
        assert post(browser, REVOKE, token).status_code == 200
        assert self.row(other).ended_at == first.ended_at

    def test_of_another_session_asks_for_a_fresh_proof(self, browser, other):
        """ASVS 7.5.2, as DELETE does."""
        with time_machine.travel(timezone.now() + timedelta(minutes=20)):
            response = post(browser, REVOKE, token_of(other))
        assert problem(response) == (403, "reauthentication_required")
        assert self.row(other).is_active()

    def test_whoever_acts_as_the_user_ends_no_other(self, acting, ada, sign_in):
        browser = sign_in(ada)
        response = post(acting, REVOKE, token_of(browser))
        assert problem(response) == (403, "impersonation")
        assert self.row(browser).is_active()

    def test_whoever_acts_as_the_user_may_leave(self, acting):
        assert post(acting, REVOKE, token_of(acting)).status_code == 200
        row = Session.objects.get(session_type="impersonation")
        assert row.end_reason == EndReason.IMPERSONATION_OVER
        assert acting.get(URL).status_code == 401
