"""A cache of verdicts that fails: nobody is signed out, nobody waits, an end is late at most."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from sessions_hub import signals
from sessions_hub.lifecycle import (
    aend_session,
    end_session,
    end_sessions,
    start_session,
    verdict_cache,
    watch_ends,
)
from sessions_hub.models import EndReason, Session

from .caches import FaultyCache, copy_of, held
from .test_query_counts import Statements

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("verdicts_in_memory"),
]

SECOND = timedelta(seconds=1)
DOWN = ConnectionError("the cache is down")
ERRORS = [DOWN, TimeoutError("too slow"), ValueError("garbage"), MemoryError()]


@pytest.fixture
def failing():
    return FaultyCache.failing


class TestReading:
    @pytest.mark.parametrize("error", ERRORS, ids=repr)
    def test_that_fails_asks_the_database(self, signed_in, failing, error):
        failing["get"] = error
        assert signed_in.whoami() == "ada"
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        assert signed_in.whoami() is None

    @pytest.mark.parametrize("answer", [object(), 7, b"\x00", "[" * 100_000, "null"])
    def test_of_anything_asks_the_database(self, signed_in, failing, answer):
        failing["get"] = answer
        assert signed_in.whoami() == "ada"

    @pytest.mark.parametrize("name", ["get", "add"])
    def test_is_not_tried_again_for_five_seconds(self, signed_in, failing, name, monkeypatch):
        clock = [1000.0]
        monkeypatch.setattr(verdict_cache, "monotonic", lambda: clock[0])
        failing[name] = DOWN
        assert signed_in.whoami() == "ada"
        failing.clear()
        clock[0] += 4.9
        assert signed_in.whoami() == "ada"
        assert copy_of(Session.objects.get().pk) is None
        clock[0] += 0.2
        assert signed_in.whoami() == "ada"
        assert copy_of(Session.objects.get().pk) is not None

    def test_is_logged_once_a_minute(self, signed_in, failing, caplog):
        failing["get"] = DOWN
        for _ in range(3):
            verdict_cache._rests_until = 0.0
            signed_in.whoami()
        said = [one for one in caplog.records if one.name == verdict_cache.__name__]
        assert [one.levelname for one in said] == ["WARNING"]

    def test_from_an_alias_that_is_not_there_asks_the_database(self, signed_in, settings):
        settings.SESSIONS_HUB_CACHE = "no-such"
        assert signed_in.whoami() == "ada"
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        assert signed_in.whoami() is None

    def test_that_works_does_not_help_when_the_copy_is_gone_and_the_database_too(
        self, signed_in, monkeypatch
    ):
        def gone(*args):
            raise RuntimeError("no database")

        monkeypatch.setattr(verdict_cache, "fetch_verdict", gone)
        assert signed_in.get("/public/").status_code == 503

    def test_copies_serve_while_the_table_is_gone(self, signed_in, monkeypatch):
        """What the cache says holds for its time, whatever becomes of the database."""
        assert signed_in.get("/public/").status_code == 200

        def gone(*args):
            raise RuntimeError("no database")

        monkeypatch.setattr(verdict_cache, "fetch_verdict", gone)
        assert signed_in.get("/public/").status_code == 200
        with time_machine.travel(timezone.now() + 10 * SECOND):
            assert signed_in.get("/public/").status_code == 503


class TestAdding:
    @pytest.mark.parametrize("error", ERRORS, ids=repr)
    def test_that_fails_is_nobodys_trouble(self, signed_in, failing, error):
        failing["add"] = error
        assert signed_in.whoami() == "ada"

    def test_to_a_full_cache_that_says_no_is_tried_again(self, signed_in, failing):
        failing["add"] = False
        assert signed_in.whoami() == "ada"
        failing.clear()
        assert signed_in.whoami() == "ada"
        assert copy_of(Session.objects.get().pk) is not None


class TestEnd:
    @pytest.fixture
    def session(self, signed_in) -> Session:
        signed_in.whoami()
        session = Session.objects.get()
        assert copy_of(session.pk) is not None
        return session

    @pytest.mark.parametrize("error", ERRORS, ids=repr)
    def test_the_cache_did_not_take_holds_within_ten_seconds(
        self, session, signed_in, failing, error
    ):
        failing["set"] = error
        with watch_ends() as ends:
            assert end_session(session, reason=EndReason.COMPROMISED) is True
        assert timedelta(0) < ends.delayed_until - timezone.now() <= 10 * SECOND
        failing.clear()
        assert signed_in.whoami() == "ada"
        with time_machine.travel(ends.delayed_until):
            assert signed_in.whoami() is None

    def test_the_cache_took_holds_on_the_next_request_and_says_so(self, session, signed_in):
        with watch_ends() as ends:
            end_session(session, reason=EndReason.COMPROMISED)
        assert ends.delayed_until is None
        with Statements() as ran:
            assert signed_in.whoami() is None
        assert len(ran.ours) >= 1

    def test_a_backend_that_keeps_its_failures_to_itself_is_found_out(self, session, failing):
        failing["set"] = None
        with watch_ends() as ends:
            end_session(session, reason=EndReason.COMPROMISED)
        assert ends.delayed_until is not None

    def test_one_of_many_that_was_not_taken_is_told(self, session, user, monkeypatch):
        rows = [start_session(user) for _ in range(3)]
        real = FaultyCache.set

        def set_but_one(self, key, *args, **kwargs):
            if rows[1].pk.hex not in key:
                real(self, key, *args, **kwargs)

        monkeypatch.setattr(FaultyCache, "set", set_but_one)
        with watch_ends() as ends:
            assert end_sessions(Session.objects.all(), reason="compromised") == 4
        assert ends.delayed_until is not None

    def test_is_logged(self, session, failing, caplog):
        failing["set"] = DOWN
        end_session(session, reason=EndReason.COMPROMISED)
        (said,) = [one for one in caplog.records if one.name == "sessions_hub.tombstones"]
        assert said.levelno == logging.WARNING
        assert "up to 10 seconds" in said.getMessage()

    def test_in_a_transaction_is_told_after_the_commit(self, session, failing, alias):
        failing["set"] = DOWN
        with transaction.atomic(using=alias), watch_ends() as ends:
            end_session(session, reason=EndReason.COMPROMISED)
            assert ends.delayed_until is None
        assert ends.delayed_until is not None

    def test_can_be_watched_from_async_code(self, session, failing):
        failing["set"] = DOWN

        async def end():
            with watch_ends() as ends:
                assert await aend_session(session, reason=EndReason.COMPROMISED) is True
            return ends

        assert async_to_sync(end)().delayed_until is not None

    def test_elsewhere_is_not_told_here(self, session, user, failing):
        failing["set"] = DOWN
        with watch_ends() as ends:
            pass
        end_session(session, reason=EndReason.COMPROMISED)
        assert ends.delayed_until is None

    def test_without_a_cache_is_never_delayed(self, session, settings):
        settings.SESSIONS_HUB_CACHE = None
        with watch_ends() as ends:
            end_session(session, reason=EndReason.COMPROMISED)
        assert ends.delayed_until is None

    def test_listeners_hear_of_it_when_it_holds(self, session):
        found = []

        def listen(sender, session, **kwargs):
            found.append(held(session.pk))

        signals.session_ended.connect(listen)
        try:
            end_session(session, reason=EndReason.COMPROMISED)
        finally:
            signals.session_ended.disconnect(listen)
        assert found == ["changed"]

    def test_of_the_whole_cache_lets_nobody_back_in(self, session, signed_in):
        end_session(session, reason=EndReason.COMPROMISED)
        caches["verdicts"].clear()
        assert signed_in.whoami() is None
