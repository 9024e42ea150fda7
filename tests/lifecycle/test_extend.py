"""extend_session(): what it moves, what it refuses, and that nothing passes the cap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from sessions_hub import signals
from sessions_hub.lifecycle import (
    Refusal,
    aextend_session,
    end_session,
    extend_session,
    start_session,
)
from sessions_hub.models import EndReason, Session
from sessions_hub.models.ids import new_id
from tests.contract.browser import Browser

from .threads import at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEKS = timedelta(weeks=2)
CAPS = {1: 30 * DAY, 2: DAY}


@pytest.fixture
def session(user) -> Session:
    return start_session(user, method="password", lifetime=HOUR, now=START)


class TestExtended:
    def test_lasts_as_long_as_django_keeps_one_from_now_on(self, session):
        told = extend_session(session, now=START + 30 * MINUTE)
        assert told.is_extended
        assert told.refusal is None
        session.refresh_from_db()
        assert session.expires_at == told.expires_at == START + 30 * MINUTE + WEEKS
        assert session.idle_expires_at == told.idle_expires_at == session.expires_at
        assert session.updated_at == START + 30 * MINUTE
        # Nobody has used it or proven anything.
        assert session.last_used_at == session.fully_authenticated_at == START

    def test_lasts_as_long_as_told(self, session):
        told = extend_session(session.pk, lifetime=2 * HOUR, now=START + MINUTE)
        assert told.expires_at == START + MINUTE + 2 * HOUR

    def test_is_never_shortened(self, session):
        told = extend_session(session, lifetime=MINUTE, now=START + MINUTE)
        assert told.refusal is Refusal.CAPPED
        assert told.expires_at == START + HOUR

    def test_the_rest_begins_anew(self, user, settings):
        settings.SESSIONS_HUB_LIFETIMES = {"regular_login": (HOUR, 10 * MINUTE)}
        session = start_session(user, now=START)
        told = extend_session(session, now=START + 9 * MINUTE)
        assert told.is_extended
        assert told.expires_at == START + HOUR
        assert told.idle_expires_at == START + 19 * MINUTE

    def test_says_so_to_whoever_listens(self, session, user):
        said = []

        def listen(sender, **arguments):
            said.append(arguments)

        signals.session_extended.connect(listen)
        told = extend_session(session, by=user, now=START)
        extend_session(session, by=user, now=START)
        signals.session_extended.disconnect(listen)
        (one,) = said
        assert (one["session_id"], one["by"]) == (session.pk, user)
        assert one["expires_at"] == told.expires_at

    def test_from_async_code(self, session):
        assert async_to_sync(aextend_session)(session, now=START).is_extended


class TestRefused:
    def test_when_it_has_ended(self, session):
        end_session(session, reason=EndReason.COMPROMISED, now=START)
        assert extend_session(session, now=START).refusal is Refusal.ENDED

    def test_when_there_is_none(self):
        told = extend_session(new_id(), now=START)
        assert (told.refusal, told.expires_at) == (Refusal.ENDED, None)

    def test_when_its_user_is_disabled(self, session, user):
        type(user).objects.update(is_active=False)
        assert extend_session(session, now=START).refusal is Refusal.ENDED

    def test_when_a_limit_has_passed(self, session):
        told = extend_session(session, now=START + HOUR)
        assert told.refusal is Refusal.TOO_LATE
        assert told.expires_at == START + HOUR

    def test_of_an_impersonation(self, user):
        session = start_session(user, session_type="impersonation", lifetime=30 * MINUTE, now=START)
        told = extend_session(session, now=START)
        assert told.refusal is Refusal.IMPERSONATION
        assert told.expires_at == START + 30 * MINUTE

    def test_at_the_cap(self, user):
        session = start_session(user, session_type="temporary", now=START)
        assert extend_session(session, now=START + MINUTE).refusal is Refusal.CAPPED

    @pytest.mark.parametrize(
        "lifetime",
        [timedelta(0), -DAY, 400 * DAY + timedelta(microseconds=1), timedelta(days=10**8)],
        ids=str,
    )
    def test_a_lifetime_that_is_none_is_named(self, session, lifetime):
        with pytest.raises(ValueError, match="at most 400 days"):
            extend_session(session, lifetime=lifetime, now=START)

    def test_nothing_is_written(self, session):
        before = Session.objects.values().get()
        extend_session(session, lifetime=MINUTE, now=START + 2 * MINUTE)
        extend_session(session, now=START + HOUR)
        assert Session.objects.values().get() == before


@pytest.mark.locks
@pytest.mark.race
def test_an_end_survives_an_extension(user, race_rounds):
    for _ in range(race_rounds):
        session = start_session(user, lifetime=HOUR)
        told, ended = at_once(
            lambda session=session: extend_session(session),
            lambda session=session: end_session(session, reason=EndReason.COMPROMISED),
        )
        assert ended is True
        assert not isinstance(told, Exception), told
        assert told.refusal in (None, Refusal.ENDED)
        session.refresh_from_db()
        assert session.end_reason == EndReason.COMPROMISED


class Visit(RuleBasedStateMachine):
    """One browser over HTTP, with NIST's limits; the machine keeps its own books."""

    @initialize()
    def begin(self):
        Session.objects.all().delete()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.browser = Browser("sync")
        self.devices = 0
        self.sign_in()

    def teardown(self):
        if hasattr(self, "clock"):
            self.clock.stop()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def row(self) -> Session:
        return Session.objects.order_by("-pk")[0]

    def is_new(self) -> bool:
        """Whether the last sign-in began another session than the one before."""
        before, self.known = getattr(self, "known", None), self.row().pk
        return before != self.known

    @rule(
        by=st.sampled_from([10 * MINUTE, 30 * MINUTE, 50 * MINUTE, 61 * MINUTE, 10 * DAY]),
    )
    def wait(self, by):
        self.traveller.shift(by)

    @rule(path=st.sampled_from(["/whoami/", "/save/", "/save/?expiry=5000000", "/public/"]))
    def use(self, path):
        self.browser.get(path)

    @rule(lifetime=st.none() | st.sampled_from([HOUR, 30 * DAY, 400 * DAY]))
    def extend(self, lifetime):
        extend_session(self.row(), lifetime=lifetime)

    @rule()
    def add_a_code(self):
        self.devices += 1
        self.browser.get(f"/add-code/?app=otp_totp&device={self.devices}")

    @rule()
    def sign_in(self):
        self.browser.sign_in("ada", "&expiry=8000000")
        if self.is_new() or self.row().assurance_level == 1:
            self.full_at = self.now()

    @rule()
    def sign_in_with_both(self):
        self.devices += 1
        self.browser.get(f"/sign-in-with-app/?user=ada&app=otp_totp&device={self.devices}")
        self.is_new()
        self.full_at = self.now()

    @invariant()
    def is_within_its_cap(self):
        if not hasattr(self, "full_at"):
            return
        row = self.row()
        cap = self.full_at + CAPS[row.assurance_level]
        assert row.expires_at <= cap
        assert row.idle_expires_at <= row.expires_at
        if self.now() >= cap:
            assert self.browser.whoami() is None


def test_nothing_a_browser_can_do_passes_the_cap(user, settings_of_nist):
    run_state_machine_as_test(
        Visit,
        settings=settings(
            max_examples=30,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_of_nist(settings):
    settings.SESSIONS_HUB_LIMITS = "nist"
    settings.SESSION_SAVE_EVERY_REQUEST = True
    assert django_settings.SESSIONS_HUB_LIMITS == "nist"
