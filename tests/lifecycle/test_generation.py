"""signed_cookies: an older cookie can come back, and is good only for a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .conftest import START

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(params=["sync", "async"])
def browser(request, settings, clock, user) -> Browser:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.SESSIONS_HUB_ADOPT_UNTIL = START + timedelta(days=1)
    browser = Browser(request.param)
    browser.sign_in("ada")
    return browser


@pytest.fixture
def send(browser, settings):
    """Ask "who am I?" with a given cookie, from elsewhere."""

    def ask(cookie: str) -> str | None:
        other = Browser(browser.mode)
        other.cookies[settings.SESSION_COOKIE_NAME] = cookie
        return other.whoami()

    return ask


@pytest.fixture
def cookie(browser, settings):
    return lambda: browser.cookies[settings.SESSION_COOKIE_NAME].value


def change_password(browser: Browser, status: int = 200) -> None:
    browser.get(browser.twin("/change-password/") + "?to=another-password")


ROTATIONS = {
    "sign_in_again": lambda browser: browser.sign_in("ada"),
    "password_change": lambda browser: change_password(browser),
}


@pytest.mark.parametrize("rotate", ROTATIONS.values(), ids=list(ROTATIONS))
class TestOlderCookie:
    def test_changes_the_generation(self, browser, rotate):
        rotate(browser)
        row = Session.objects.get()
        assert (row.generation, row.generation_changed_at) == (1, START)

    def test_is_refused_once_the_new_one_has_come_back(self, browser, rotate, cookie, send):
        older = cookie()
        rotate(browser)
        assert browser.whoami() == "ada"
        assert Session.objects.get().generation_changed_at is None
        assert send(older) is None
        assert browser.whoami() == "ada"

    def test_is_never_accepted_after_an_end(self, browser, rotate, cookie, send):
        older = cookie()
        rotate(browser)
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_USER)
        assert send(older) is None
        assert browser.whoami() is None


class TestGrace:
    def test_lasts_until_the_new_cookie_comes_back(self, browser, cookie, send, clock):
        older = cookie()
        browser.sign_in("ada")
        assert send(older) == "ada"
        assert send(older) == "ada"

    def test_lasts_30_seconds_at_most(self, browser, cookie, send, clock):
        older = cookie()
        browser.sign_in("ada")
        clock.shift(timedelta(seconds=30) - timedelta(milliseconds=1))
        assert send(older) == "ada"
        clock.shift(timedelta(milliseconds=1))
        assert send(older) is None
        # The refusal is of the cookie, not of the session.
        assert Session.objects.get().ended_at is None
        assert browser.whoami() == "ada"

    def test_is_for_the_cookie_before_only(self, browser, cookie, send):
        oldest = cookie()
        browser.sign_in("ada")
        browser.sign_in("ada")
        assert send(oldest) is None

    def test_is_for_no_cookie_to_come(self, browser, send, cookie):
        newest = cookie()
        Session.objects.update(generation=5, generation_changed_at=START)
        assert send(newest) is None

    def test_is_not_stretched_by_use(self, browser, cookie, send, clock):
        older = cookie()
        browser.sign_in("ada")
        for _ in range(6):
            clock.shift(timedelta(seconds=5))
            send(older)
        assert send(older) is None


def test_an_answer_of_5xx_changes_no_generation(browser, send, cookie):
    kept = cookie()
    browser.sign_in("ada", "&status=500")
    assert Session.objects.get().generation == 0
    assert cookie() == kept
    assert browser.whoami() == "ada"


def test_other_engines_change_no_generation(user, clock):
    browser = Browser("sync")
    browser.sign_in("ada")
    browser.sign_in("ada")
    assert Session.objects.get().generation == 0
