"""All connections of Django's pool are lent while somebody is signed in, or signs in.

A pool of one connection and a short wait for it. What holds the connection stands for the
busy threads of a site; between requests it goes back, as it does where Django has sent
`request_finished`, which its test client keeps back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from sessions_hub.lifecycle import end_session
from sessions_hub.models import AuthenticationMethod, Device, EndReason, Session, SessionDevice
from tests import views
from tests.contract.browser import Browser

from .faults import at_most, reached_by, second_connection
from .test_fault_request import assert_unavailable
from .views import slow

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True, databases="__all__")]

# How long the pool makes a request wait. A visitor waits once, not once per statement.
WAIT = 0.6


@pytest.fixture(autouse=True)
def signed_cookies(settings) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"


@pytest.fixture(autouse=True)
def pool(user, alias) -> Iterator[None]:
    """One connection to the hub's database for all."""
    options = {"pool": {"min_size": 1, "max_size": 1, "timeout": WAIT}}
    with reached_by(alias, OPTIONS=options, CONN_MAX_AGE=0, CONN_HEALTH_CHECKS=False):
        yield
        # While its settings are still there.
        connections[alias].close()
        connections[alias].close_pool()


@pytest.fixture(params=["sync", "async"])
def browser(request) -> Browser:
    return Browser(request.param)


class Borrower:
    """Somebody who has the only connection of the pool, until it is given back."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._held = ExitStack()

    def take(self) -> None:
        connections[self._alias].close()
        self._held.enter_context(second_connection()).execute("SELECT 1")

    def give_back(self) -> None:
        self._held.close()


@pytest.fixture
def borrower(alias) -> Iterator[Borrower]:
    borrower = Borrower(alias)
    yield borrower
    borrower.give_back()


def reasons(caplog: Any, logger: str) -> list[str]:
    """What a logger's lines give as the reason: the driver's own error."""
    found = [one.exc_info[1] for one in caplog.records if one.name == logger and one.exc_info]
    return [type(error.__cause__).__name__ for error in found]


def no_rows() -> bool:
    models = (Session, SessionDevice, Device, AuthenticationMethod)
    return not any(model._base_manager.exists() for model in models)


class TestSignedIn:
    @pytest.mark.parametrize("engine", ["signed_cookies", "db"])
    @pytest.mark.parametrize("path", ["/public/", "/whoami/", "/sign-out/"])
    def test_answers_503_after_one_wait_and_goes_on(
        self, user, browser, borrower, settings, engine, path, caplog
    ):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
        browser.sign_in("ada")
        borrower.take()
        with at_most(2 * WAIT):
            assert_unavailable(browser.get(browser.twin(path)), browser)
        assert reasons(caplog, "sessions_hub.middleware") == ["PoolTimeout"]
        borrower.give_back()
        assert browser.whoami() == "ada"
        assert Session.objects.get().ended_at is None

    def test_an_ended_session_is_let_in_neither_then_nor_later(self, user, browser, borrower):
        browser.sign_in("ada")
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        borrower.take()
        assert_unavailable(browser.get(browser.twin("/whoami/")), browser)
        borrower.give_back()
        assert browser.whoami() is None

    def test_while_another_request_has_the_connection(self, user, browser, alias):
        browser.sign_in("ada")
        other = Browser("sync")
        other.client.cookies = browser.client.cookies
        answers = []

        def be_slow() -> None:
            answers.append(other.get("/slow/"))
            connections[alias].close()

        slow.began.clear()
        slow.go_on.clear()
        connections[alias].close()
        busy = Thread(target=be_slow)
        busy.start()
        try:
            assert slow.began.wait(timeout=10)
            assert_unavailable(browser.get(browser.twin("/whoami/")), browser)
        finally:
            slow.go_on.set()
            busy.join(timeout=30)
        assert [answer.content for answer in answers] == [b"ada"]
        assert browser.whoami() == "ada"

    def test_somebody_without_a_sign_in_waits_for_nothing(self, browser, borrower):
        borrower.take()
        with at_most(WAIT):
            assert browser.get(browser.twin("/public/")).status_code == 200


class TestSignIn:
    @pytest.fixture
    def asked_elsewhere(self, borrower, monkeypatch):
        """A switch: who it is is asked elsewhere, the connection given back, and then lent."""
        find, afind = views._user, views._auser

        def find_and_lose(request):
            user = find(request)
            borrower.take()
            return user

        async def afind_and_lose(request):
            user = await afind(request)
            await sync_to_async(borrower.take)()
            return user

        @contextmanager
        def switch() -> Iterator[None]:
            with monkeypatch.context() as patch:
                patch.setattr(views, "_user", find_and_lose)
                patch.setattr(views, "_auser", afind_and_lose)
                yield
            borrower.give_back()

        return switch

    def test_is_refused_with_nothing_half_written_and_can_be_repeated(
        self, user, browser, asked_elsewhere, caplog
    ):
        with asked_elsewhere(), at_most(2 * WAIT):
            response = browser.sign_in("ada")
        assert response.status_code == 503
        assert reasons(caplog, "sessions_hub.receivers") == ["PoolTimeout"]
        assert no_rows()
        assert browser.whoami() is None
        assert browser.sign_in("ada").status_code == 200
        assert browser.whoami() == "ada"

    def test_over_another_users_session_signs_neither_in(
        self, user, make_user, browser, asked_elsewhere
    ):
        make_user("bob")
        browser.sign_in("ada")
        with asked_elsewhere():
            assert browser.sign_in("bob").status_code == 503
        assert [row.user for row in Session.objects.all()] == [user]
        assert browser.whoami() is None
        assert browser.sign_in("bob").status_code == 200
        assert browser.whoami() == "bob"

    def test_where_the_view_itself_finds_no_connection(self, user, browser, borrower):
        borrower.take()
        # The view's own question fails first: its error is its own.
        assert browser.sign_in("ada").status_code == 500
        borrower.give_back()
        assert no_rows()
        assert browser.whoami() is None
        assert browser.sign_in("ada").status_code == 200
