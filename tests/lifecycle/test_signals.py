"""The hub's own signals: when they are sent, with what, and that nobody can break them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from sessions_hub import signals
from sessions_hub.lifecycle import end_session, end_sessions, start_session
from sessions_hub.models import Device, EndReason, Session

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class TestStarted:
    def test_is_sent_once_with_the_stored_row(self, heard, user, browser):
        browser.sign_in("ada")
        (said,) = heard["session_started"]
        assert said.keys() == {"sender", "session", "request", "reauthentication"}
        assert said["sender"] is Session
        assert said["session"] == Session.objects.get()
        assert isinstance(said["request"], HttpRequest)
        assert said["reauthentication"] is False

    def test_says_that_a_session_was_proven_again(self, heard, signed_in):
        signed_in.sign_in("ada")
        first, second = heard["session_started"]
        assert (first["reauthentication"], second["reauthentication"]) == (False, True)
        assert first["session"] == second["session"]

    def test_has_no_request_for_a_program(self, heard, user):
        start_session(user, method="token")
        (said,) = heard["session_started"]
        assert said["request"] is None

    def test_is_not_sent_when_the_transaction_is_rolled_back(self, heard, user, alias):
        with transaction.atomic(using=alias):
            start_session(user)
            transaction.set_rollback(True, using=alias)
        assert heard["session_started"] == []
        assert Session.objects.count() == 0

    def test_is_sent_after_the_commit(self, heard, user, alias):
        with transaction.atomic(using=alias):
            start_session(user)
            assert heard["session_started"] == []
        assert len(heard["session_started"]) == 1


class TestEnded:
    def test_is_sent_once_with_the_stored_row(self, heard, signed_in, user):
        row = Session.objects.get()
        assert end_session(row, reason=EndReason.REVOKED_BY_STAFF, by=user)
        assert not end_session(row, reason=EndReason.COMPROMISED)
        signed_in.whoami()
        (said,) = heard["session_ended"]
        assert said.keys() == {"sender", "session"}
        assert said["sender"] is Session
        assert said["session"].end_reason == EndReason.REVOKED_BY_STAFF
        assert said["session"].ended_at is not None
        assert said["session"].ended_by == user

    def test_is_sent_for_each_of_many(self, heard, user):
        rows = [start_session(user) for _ in range(7)]
        assert end_sessions(Session.objects.all(), reason=EndReason.REVOKED_BY_USER) == 7
        assert [said["session"] for said in heard["session_ended"]] == rows

    def test_is_sent_for_a_sign_out_and_for_a_replaced_session(self, heard, signed_in, make_user):
        make_user("bob")
        signed_in.sign_in("bob")
        signed_in.sign_out()
        reasons = [said["session"].end_reason for said in heard["session_ended"]]
        assert reasons == [EndReason.REPLACED, EndReason.SIGNED_OUT]

    def test_is_sent_once_when_a_limit_has_passed(self, heard, signed_in):
        limit = timezone.now() - timedelta(minutes=1)
        Session.objects.update(expires_at=limit, idle_expires_at=limit)
        signed_in.whoami()
        Session.objects.all().stamp_expired()
        (said,) = heard["session_ended"]
        assert (said["session"].end_reason, said["session"].ended_at) == ("expired", limit)

    def test_is_not_sent_when_the_transaction_is_rolled_back(self, heard, signed_in, alias):
        with transaction.atomic(using=alias):
            end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
            transaction.set_rollback(True, using=alias)
        assert heard["session_ended"] == []
        assert signed_in.whoami() == "ada"

    def test_is_sent_after_the_commit(self, heard, signed_in, alias):
        with transaction.atomic(using=alias):
            end_sessions(Session.objects.all(), reason=EndReason.COMPROMISED)
            assert heard["session_ended"] == []
        assert len(heard["session_ended"]) == 1


class TestTouched:
    def test_is_sent_when_the_last_use_is_written_and_only_then(self, heard, signed_in):
        signed_in.whoami()
        assert heard["session_touched"] == []
        Session.objects.update(last_used_at=timezone.now() - timedelta(hours=1))
        signed_in.whoami()
        signed_in.whoami()
        (said,) = heard["session_touched"]
        assert said.keys() == {"sender", "session_id", "now"}
        assert said["sender"] is Session
        assert isinstance(said["session_id"], UUID)
        row = Session.objects.get()
        assert (said["session_id"], said["now"]) == (row.pk, row.last_used_at)


class TestDeviceFirstSeen:
    def test_is_sent_for_a_new_device_only(self, heard, signed_in):
        signed_in.sign_out()
        signed_in.sign_in("ada")
        (said,) = heard["device_first_seen"]
        assert said.keys() == {"sender", "device", "session", "request"}
        assert said["sender"] is Device
        assert said["device"] == Device.objects.get()
        assert said["session"].pk == Session.objects.order_by("pk").first().pk
        assert isinstance(said["request"], HttpRequest)


class TestReceiversThatRaise:
    @pytest.fixture(autouse=True)
    def grumblers(self):
        def grumble(**kwargs):
            raise RuntimeError("not today")

        names = ("session_started", "session_ended", "session_touched", "device_first_seen")
        for name in names:
            getattr(signals, name).connect(grumble, weak=False)
        yield
        for name in names:
            getattr(signals, name).disconnect(grumble)

    def test_change_nothing(self, user, browser, heard):
        assert browser.sign_in("ada").status_code == 200
        assert browser.sign_in("ada").status_code == 200
        Session.objects.update(last_used_at=timezone.now() - timedelta(hours=1))
        assert browser.whoami() == "ada"
        assert browser.sign_out().status_code == 200
        assert browser.whoami() is None
        assert Session.objects.get().end_reason == EndReason.SIGNED_OUT
        assert [len(said) for said in heard.values()] == [2, 1, 1, 1, 0, 0]
