"""With verdicts in Redis: what ends in one process is refused in another at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sessions_hub.lifecycle import end_session, watch_ends
from sessions_hub.models import Session
from tests.child_runs import CHILD_LIMIT

from .conftest import forget
from .test_end import environment, what_to_ask

pytestmark = [
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


@pytest.fixture(params=["db", "signed_cookies"])
def engine(request, settings, redis_url) -> Iterator[None]:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
    verdicts = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": f"sessions_hub_contract_verdicts_{os.getpid()}",
    }
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": local, "verdicts": verdicts}
    settings.SESSIONS_HUB_CACHE = "verdicts"
    yield
    forget(verdicts)


@pytest.fixture
def signed_in(engine, browser, make_user):
    make_user()
    browser.sign_in("ada")
    assert browser.whoami() == "ada"
    return browser


class Elsewhere:
    """The site in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def tell(self, line: str):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def who(self) -> tuple[str, int]:
        """The user there, and how many statements of the hub it took to tell."""
        return tuple(self.tell("who"))


@contextmanager
def elsewhere(signed_in, settings) -> Iterator[Elsewhere]:
    """The other process, once it runs, with a copy made here that is as new as can be.

    On a busy machine a process may take longer to start than a copy is good for.
    """
    cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.long_process", what_to_ask(cookie)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        other = Elsewhere(process)
        assert other.tell("ready") == 200
        forget(settings.CACHES["verdicts"])
        assert signed_in.whoami() == "ada"
        yield other
    finally:
        process.stdin.close()
        process.wait(timeout=CHILD_LIMIT)
        process.stdout.close()


def test_an_end_here_is_refused_there_on_the_next_request(signed_in, settings):
    with elsewhere(signed_in, settings) as other:
        # By the copy that this process has made.
        assert other.who() == ("ada", 0)
        with watch_ends() as ends:
            end_session(Session.objects.get(), reason="revoked_by_staff")
        assert ends.delayed_until is None
        user, statements = other.who()
        assert user == ""
        assert statements >= 1
    assert signed_in.whoami() is None


def test_an_end_there_is_refused_here_on_the_next_request(signed_in, settings):
    with elsewhere(signed_in, settings) as other:
        assert other.who() == ("ada", 0)
        assert signed_in.whoami() == "ada"
        assert other.tell("end") == 1
    assert signed_in.whoami() is None


def test_a_server_that_forgets_all_is_asked_once_more_and_no_more(signed_in, settings):
    with elsewhere(signed_in, settings) as other:
        assert other.who() == ("ada", 0)
        forget(settings.CACHES["verdicts"])
        assert other.who() == ("ada", 1)
        assert other.who() == ("ada", 0)
