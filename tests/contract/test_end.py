"""An ended session is anonymous on its next request, whatever the engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions
from sessions_hub.lifecycle.prune import delete_ended
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.models import EndReason, Session
from tests.child_runs import CHILD_LIMIT

from .caches import StoppableCache

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def signed_in(engine, browser, make_user):
    make_user()
    browser.sign_in("ada")
    assert browser.whoami() == "ada"
    return browser


class TestEnd:
    def test_holds_on_the_next_request(self, signed_in):
        assert end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        assert signed_in.whoami() is None
        assert signed_in.whoami() is None

    def test_holds_for_a_cookie_that_is_sent_again(self, signed_in):
        name = django_settings.SESSION_COOKIE_NAME
        cookie = signed_in.cookies[name].value
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        assert signed_in.whoami() is None
        signed_in.cookies[name] = cookie
        assert signed_in.whoami() is None

    def test_holds_for_a_cookie_sent_again_after_signing_out(self, signed_in):
        name = django_settings.SESSION_COOKIE_NAME
        cookie = signed_in.cookies[name].value
        signed_in.sign_out()
        signed_in.cookies[name] = cookie
        assert signed_in.whoami() is None

    def test_holds_after_the_row_was_pruned(self, signed_in):
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        later = timezone.now() + timedelta(days=2)
        assert sum(delete_ended(later, Retention(default=timedelta(days=1)))) == 1
        assert Session.objects.count() == 0
        assert signed_in.whoami() is None
        assert Session.objects.count() == 0

    def test_holds_when_the_cache_was_stopped_at_the_moment_of_the_end(self, signed_in):
        with StoppableCache.stop():
            end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        assert signed_in.whoami() is None

    def test_holds_in_a_second_process(self, signed_in, engine, settings):
        if engine in ("cache", "cached_db"):
            pytest.skip("local memory is not shared between processes")
        cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
        assert ask_elsewhere(cookie) == "ada"
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        assert ask_elsewhere(cookie) is None

    def test_all_sessions_of_a_user_end_together(self, signed_in, new_browser):
        others = [new_browser() for _ in range(3)]
        for other in others:
            other.sign_in("ada")
        current = signed_in.session_id()
        mine = Session.objects.for_user(Session.objects.first().user)
        ended = end_sessions(
            mine.except_for(Session.objects.get(pk=current)), reason=EndReason.REVOKED_BY_USER
        )
        assert ended == 3
        assert [other.whoami() for other in others] == [None] * 3
        assert signed_in.whoami() == "ada"

    def test_an_expired_session_is_refused_and_stamped_with_its_limit(self, signed_in):
        limit = timezone.now() - timedelta(minutes=5)
        Session.objects.update(expires_at=limit, idle_expires_at=limit)
        assert signed_in.whoami() is None
        row = Session.objects.get()
        assert row.ended_at == limit
        assert row.end_reason == EndReason.EXPIRED

    def test_a_session_of_another_user_is_refused(self, signed_in, make_user):
        Session.objects.update(user=make_user("bob"))
        assert signed_in.whoami() is None
        assert Session.objects.get().ended_at is None


def ask_elsewhere(cookie: str) -> str | None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.contract.second_process", what_to_ask(cookie)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=CHILD_LIMIT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def environment() -> dict[str, str]:
    """That of a second process, which uses the databases of this one."""
    names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    return {**os.environ, "HUB_TEST_JOIN": json.dumps(names)}


def what_to_ask(cookie: str) -> str:
    """The argument of a second process."""
    given = (
        "SESSION_ENGINE",
        "SESSION_FILE_PATH",
        "CACHES",
        "SESSIONS_HUB_CACHE",
        "AUTHENTICATION_BACKENDS",
    )
    here = {name: getattr(django_settings, name, None) for name in given}
    return json.dumps({"cookie": cookie, "settings": here})
