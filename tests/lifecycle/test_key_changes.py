"""When the session key changes: with every proof, and only with an answer that is saved."""

from __future__ import annotations

import pytest

from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .stores import cookie_of, with_cookie

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SIGNED_COOKIES = pytest.mark.parametrize("engine", ["signed_cookies"], indirect=True)


@pytest.fixture
def exempt_sign_in(settings) -> None:
    settings.SESSIONS_HUB_EXEMPT_PATHS = ["/sign-in/"]


class TestOverAnEndedSession:
    def test_a_sign_in_on_an_exempt_path_changes_the_key(self, engine, exempt_sign_in, signed_in):
        stolen = cookie_of(signed_in)
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        signed_in.sign_in("ada")
        assert with_cookie(stolen).whoami() is None
        assert signed_in.whoami() == "ada"

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_a_sign_in_in_the_request_that_ended_it_changes_the_key(self, engine, user, mode):
        browser = Browser(mode)
        browser.sign_in("ada")
        stolen = cookie_of(browser)
        browser.get(browser.twin("/end-all-and-sign-in/") + "?user=ada")
        assert with_cookie(stolen).whoami() is None
        assert browser.whoami() == "ada"
        first, second = Session.objects.order_by("pk")
        assert (first.end_reason, second.end_reason) == (EndReason.COMPROMISED, "")


class TestOverALiveSession:
    def test_a_sign_in_on_an_exempt_path_changes_the_key(self, engine, exempt_sign_in, signed_in):
        older = cookie_of(signed_in)
        signed_in.sign_in("ada")
        assert signed_in.whoami() == "ada"
        assert with_cookie(older).whoami() is None
        assert signed_in.whoami() == "ada"
        assert Session.objects.count() == 1


class TestWithAnAnswerOf5xx:
    @pytest.mark.parametrize(
        "path", ["/sign-in/?user=ada&status=500", "/sign-in-and-fail/?user=ada"]
    )
    def test_signing_in_again_keeps_the_key_and_the_session(self, engine, signed_in, path):
        kept = cookie_of(signed_in)
        assert signed_in.get(path).status_code == 500
        assert cookie_of(signed_in) == kept
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().ended_at is None

    def test_signing_in_again_by_async_keeps_the_session(self, engine, user):
        browser = Browser("async")
        browser.sign_in("ada")
        assert browser.sign_in("ada", "&status=500").status_code == 500
        assert browser.whoami() == "ada"


@SIGNED_COOKIES
class TestGeneration:
    def test_never_goes_down_with_an_old_cookie_on_an_exempt_path(
        self, engine, signed_in, settings
    ):
        oldest = cookie_of(signed_in)
        signed_in.sign_in("ada")
        signed_in.whoami()
        older = cookie_of(signed_in)
        signed_in.sign_in("ada")
        assert signed_in.whoami() == "ada"
        row = Session.objects.get()
        assert row.generation == 2
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/sign-in/"]
        again = with_cookie(oldest)
        again.sign_in("ada")
        # Not this session once more, but one of its own.
        assert again.whoami() == "ada"
        assert Session.objects.count() == 2
        row.refresh_from_db()
        assert row.generation == 2
        assert with_cookie(older).whoami() is None
        assert signed_in.whoami() == "ada"

    def test_never_goes_down_with_a_slow_answer(self, engine, signed_in):
        signed_in.get("/sign-in-overtaken/?user=ada&generation=7")
        assert Session.objects.get().generation == 7
