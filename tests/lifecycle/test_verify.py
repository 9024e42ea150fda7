"""Asking after a session outside a request, as WebSockets and event streams do."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connections, transaction
from django.http import StreamingHttpResponse
from django.test import AsyncClient
from django.urls import path
from django.utils import timezone

from sessions_hub import signals
from sessions_hub.lifecycle import (
    acurrent_session,
    aend_session,
    averify,
    end_session,
    start_session,
    verify,
)
from sessions_hub.models import EndReason, Session
from tests.contract.browser import CHROME

from .caches import held, put
from .faults import missing
from .impersonating import impersonate, make_staff, own, the_impersonation
from .test_query_counts import Statements
from .urls import urlpatterns as common

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SECOND = timedelta(seconds=1)


async def ticks(request):
    """Server-sent events for as long as the session is good."""
    session = await request.ahub_session()

    async def events():
        number = 0
        while await averify(session):
            number += 1
            yield f"data: {number}\n\n"
        yield "event: over\ndata:\n\n"

    return StreamingHttpResponse(events(), content_type="text/event-stream")


urlpatterns = [*common, path("ticks/", ticks)]


@pytest.fixture
def session(signed_in) -> Session:
    return Session.objects.get()


@pytest.fixture(params=["verify", "averify"])
def ask(request):
    return verify if request.param == "verify" else async_to_sync(averify)


class TestVerify:
    def test_says_yes_of_a_live_session_by_row_and_by_id(self, session, ask):
        assert ask(session) is True
        assert ask(session.pk) is True

    def test_says_no_while_it_has_to_be_proven_again(self, session, ask, settings):
        Session.objects.update(proof_required_at=timezone.now())
        assert ask(session) is False
        # A trial run holds nobody.
        settings.SESSIONS_HUB_ENFORCE = False
        assert ask(session) is True

    @pytest.mark.parametrize(
        "change",
        [{"is_active": False}, {"is_superuser": False}, {"password": "!"}],
        ids=["disabled", "demoted", "another password"],
    )
    def test_says_no_of_an_impersonation_whose_actor_may_not(
        self, settings, user, browser, ask, change
    ):
        settings.ROOT_URLCONF = "tests.lifecycle.impersonating"
        make_staff("grace", is_superuser=True).user_permissions.clear()
        browser.sign_in("grace")
        impersonate(browser)
        impersonation = the_impersonation()
        assert ask(impersonation) is True
        get_user_model().objects.filter(username="grace").update(**change)
        assert ask(impersonation) is False

    def test_says_no_of_an_impersonation_whose_own_session_is_over(
        self, settings, user, browser, ask
    ):
        settings.ROOT_URLCONF = "tests.lifecycle.impersonating"
        make_staff("grace")
        browser.sign_in("grace")
        impersonate(browser)
        # A limit that has passed, which nobody has seen yet.
        then = timezone.now() - SECOND
        Session.objects.filter(pk=own("grace").pk).update(expires_at=then, idle_expires_at=then)
        assert ask(the_impersonation()) is False
        own_id = the_impersonation().impersonator_session_id
        Session.objects.filter(pk=own_id).delete()
        assert ask(the_impersonation()) is False

    def test_says_no_of_an_unknown_one(self, db, ask):
        assert ask(uuid4()) is False

    @pytest.mark.parametrize("reason", EndReason.values)
    def test_says_no_once_it_has_ended(self, session, ask, reason):
        end_session(session, reason=reason)
        assert ask(session) is False

    @pytest.mark.parametrize("limit", ["expires_at", "idle_expires_at"])
    def test_says_no_from_the_limit_on(self, session, ask, limit):
        at = timezone.now() + timedelta(minutes=5)
        Session.objects.update(**{limit: at})
        assert ask(session, now=at - timedelta(microseconds=1)) is True
        assert ask(session, now=at) is False

    def test_says_no_of_an_inactive_user(self, session, ask):
        get_user_model().objects.update(is_active=False)
        assert ask(session) is False

    def test_says_no_of_a_user_who_is_gone(self, session, ask, connection):
        Session.objects.update(user=None)
        assert ask(session) is False

    def test_says_no_when_the_password_has_changed(self, session, ask, user):
        user.set_password("another-password")
        user.save()
        assert ask(session) is False

    def test_says_yes_of_the_session_that_was_kept_then(self, session, signed_in, ask):
        signed_in.get("/change-password/?to=another-password")
        assert ask(session) is True

    def test_says_yes_when_the_secret_key_was_rotated(self, session, ask, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "rotated-" + settings.SECRET_KEY
        assert ask(session) is True
        settings.SECRET_KEY_FALLBACKS = []
        assert ask(session) is False

    def test_says_yes_of_a_programs_session_without_a_password(self, user, ask):
        session = start_session(user, method="token")
        user.set_password("another-password")
        user.save()
        assert ask(session) is True

    def test_writes_nothing_and_costs_two(self, session):
        Session.objects.update(last_used_at=timezone.now() - timedelta(days=1))
        with Statements() as ran:
            assert verify(session)
        assert ran.writes == []
        assert len(ran.all) == 2

    def test_raises_where_the_database_does_not_tell(self, session, ask):
        with (
            missing(Session._meta.db_table),
            pytest.raises(DatabaseError),
        ):
            ask(session)

    def test_says_no_inside_the_transaction_that_ends_it(self, session, alias):
        with transaction.atomic(using=alias):
            end_session(session, reason="compromised")
            assert verify(session) is False
            transaction.set_rollback(True, using=alias)
        assert verify(session) is True


class TestWithTheCache:
    def test_costs_the_user_alone(self, verdicts, session):
        assert verify(session)
        with Statements() as ran:
            assert verify(session)
        assert ran.ours == []
        assert len(ran.all) == 1

    def test_says_no_after_an_end_at_once(self, verdicts, session):
        assert verify(session)
        end_session(session, reason="compromised")
        assert verify(session) is False

    def test_says_no_of_an_inactive_user_at_once(self, verdicts, session):
        assert verify(session)
        get_user_model().objects.update(is_active=False)
        assert verify(session) is False

    def test_does_not_believe_a_copy_that_says_no(self, verdicts, session, signed_in):
        assert verify(session)
        before = held(session.pk)
        signed_in.get("/change-password/?to=another-password")
        # As if the cache had not taken the news.
        put(session.pk, before)
        assert verify(session) is True

    def test_does_not_let_in_what_has_ended_since_that_copy(self, verdicts, session, signed_in):
        assert verify(session)
        before = held(session.pk)
        signed_in.get("/change-password/?to=another-password")
        Session.objects.update(ended_at=timezone.now(), end_reason="compromised")
        put(session.pk, before)
        assert verify(session) is False

    def test_is_not_asked_for_another_time_than_now(self, verdicts, session):
        at = timezone.now() + timedelta(seconds=5)
        assert verify(session, now=at)
        assert held(session.pk) is None

    def test_believes_no_copy_longer_than_ten_seconds(self, verdicts, session):
        assert verify(session)
        Session.objects.update(ended_at=timezone.now(), end_reason="compromised")
        with time_machine.travel(timezone.now() + 10 * SECOND):
            assert verify(session) is False


class TestConnections:
    def test_one_that_averify_opened_is_closed_again(self, session, connection):
        connections.close_all()
        assert async_to_sync(averify)(session) is True
        assert connection.connection is None

    def test_one_that_was_open_stays(self, session, connection):
        connection.ensure_connection()
        before = connection.connection
        assert async_to_sync(averify)(session) is True
        assert connection.connection is before

    def test_one_that_broke_is_replaced(self, session, connection):
        connection.ensure_connection()
        connection.errors_occurred = True
        connection.is_usable = lambda: False
        try:
            assert async_to_sync(averify)(session) is True
        finally:
            del connection.is_usable
        assert connection.errors_occurred is False

    def test_is_closed_also_when_the_answer_is_an_error(self, session, connection):
        connections.close_all()
        with missing(Session._meta.db_table):
            connections.close_all()
            with pytest.raises(DatabaseError):
                async_to_sync(averify)(session)
            assert connection.connection is None


class TestScope:
    """What has no request: a session and a user, as Channels puts them into a scope."""

    def test_is_enough_to_find_the_session(self, session, signed_in, user):
        who = SimpleNamespace(session=signed_in.client.session, user=user)
        assert async_to_sync(acurrent_session)(who) == session
        end_session(session, reason="compromised")
        assert async_to_sync(acurrent_session)(who) is None

    def test_hears_of_an_end_in_async_code(self, session):
        """As the receiver of docs/long-connections.md does: async_to_sync inside the signal."""
        closed = []

        async def group_send(group, message):
            closed.append((group, message))

        def close_sockets(sender, session, **kwargs):
            async_to_sync(group_send)(f"session.{session.pk}", {"type": "session.over"})

        signals.session_ended.connect(close_sockets)
        try:
            async_to_sync(aend_session)(session, reason="compromised")
        finally:
            signals.session_ended.disconnect(close_sockets)
        assert closed == [(f"session.{session.pk}", {"type": "session.over"})]


class TestEventStream:
    """A real async view, streamed by Django's ASGI handler."""

    @pytest.fixture(autouse=True)
    def site(self, settings):
        settings.ROOT_URLCONF = __name__

    @pytest.mark.parametrize("cached", [False, True])
    def test_stops_once_the_session_was_ended_elsewhere(self, user, request, cached):
        if cached:
            request.getfixturevalue("verdicts_in_memory")

        async def stream() -> list[str]:
            client = AsyncClient(headers={"user-agent": CHROME})
            await client.get("/asign-in/?user=ada")
            response = await client.get("/ticks/")
            seen = []
            async for chunk in response.streaming_content:
                seen.append(chunk.decode())
                if len(seen) == 3:
                    session = await Session.objects.aget()
                    await sync_to_async(end_session)(session, reason="revoked_by_staff")
                assert len(seen) < 10
            return seen

        *numbers, last = async_to_sync(stream)()
        assert numbers == [f"data: {number}\n\n" for number in (1, 2, 3)]
        assert last.startswith("event: over")

    def test_stops_once_the_user_was_disabled(self, user):
        async def stream() -> list[str]:
            client = AsyncClient(headers={"user-agent": CHROME})
            await client.get("/asign-in/?user=ada")
            response = await client.get("/ticks/")
            seen = []
            async for chunk in response.streaming_content:
                seen.append(chunk.decode())
                await get_user_model().objects.aupdate(is_active=False)
            return seen

        first, last = async_to_sync(stream)()
        assert first == "data: 1\n\n"
        assert last.startswith("event: over")
