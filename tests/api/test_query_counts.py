"""What each answer about sessions costs in statements, from the first to the last byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from sessions_hub.capture import ClientSnapshot
from sessions_hub.lifecycle.tokens import start_token_session
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice
from sessions_hub.understanding.methods import MethodClaim
from tests.credentials.conftest import site as site
from tests.factories import make_method, make_session_device
from tests.lifecycle.caches import IN_MEMORY
from tests.lifecycle.test_query_counts import Statements, is_select

from .conftest import CHROME, URL
from .signing import FORM, INTROSPECT, allow, token_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

WHOAMI = f"{URL}current/"
BACKENDS = {"AUTHENTICATION_BACKENDS": ["sessions_hub.auth.ModelBackend"]}
ENGINE = {**BACKENDS, "SESSION_ENGINE": "sessions_hub.engine.store"}
CACHE = {"CACHES": {"default": IN_MEMORY}, "SESSIONS_HUB_CACHE": "default"}
CACHED_SESSIONS = {**CACHE, "SESSION_ENGINE": "django.contrib.sessions.backends.cache"}


@pytest.fixture(autouse=True)
def nothing_but_the_hub(settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]


@pytest.fixture
def program(ada) -> Client:
    """A program with a token of ada's, seen where it asks from."""
    allow(ada, "view_session")
    issued = start_token_session(
        ada,
        [MethodClaim(method="password")],
        scopes=("sessions:read", "introspect"),
        snapshot=ClientSnapshot(address="127.0.0.1", user_agent=CHROME, hints={}),
        now=timezone.now(),
    )
    headers = {"user-agent": CHROME, "authorization": f"Bearer {issued.secret}"}
    client = Client(headers=headers)
    client.secret, client.session_id = issued.secret, issued.session.pk
    return client


@pytest.fixture
def signed_in_with(settings, ada, sign_in) -> Callable[[dict], Client]:
    """A browser of ada's on a site with these settings."""

    def signed_in_with(configured: dict) -> Client:
        for name, value in configured.items():
            setattr(settings, name, value)
        if "AUTHENTICATION_BACKENDS" not in configured:
            return sign_in(ada)
        browser = Client(headers={"user-agent": CHROME})
        browser.force_login(ada)
        return browser

    return signed_in_with


def statements_of(client: Client, path: str, **params: str) -> list[str]:
    """The statements about rows of a request, once the SQL is compiled and its place known."""
    return counted(lambda: client.get(path, params))


def counted(ask: Callable) -> list[str]:
    for _ in range(2):
        assert ask().status_code == 200
    with Statements() as ran:
        response = ask()
    assert response.status_code == 200
    assert [sql for sql in ran.rows if not is_select(sql) and not sql.startswith("(")] == []
    return ran.rows


class TestWhoamiByToken:
    @pytest.mark.parametrize("params", [{}, {"fields": "id"}, {"expand": ""}, {"scope": ""}])
    def test_is_two(self, program, params):
        """The secret with session and user; the session with all that is shown of it."""
        assert len(statements_of(program, WHOAMI, **params)) == 2

    def test_is_two_more_where_a_level_is_asked_for(self, program):
        assert len(statements_of(program, WHOAMI, require="aal1")) == 4

    def test_is_two_however_many_proofs_and_places(self, program):
        session = Session.objects.get(pk=program.session_id)
        for i in range(5):
            make_method(session, now=timezone.now() + timedelta(seconds=i))
            make_session_device(session, Device.objects.create(user=session.user))
        assert len(statements_of(program, WHOAMI)) == 2
        answer = program.get(WHOAMI).json()
        assert len(answer["authentication_methods"]) == 6
        assert len(answer["devices"]) == SessionDevice.objects.count() == 6

    def test_shows_the_row_as_it_is_after_the_verdict(self, program, monkeypatch):
        def meanwhile(request, asked) -> None:
            Session.objects.filter(pk=program.session_id).update(metadata={"seen": "late"})

        monkeypatch.setattr("sessions_hub.api.viewsets.demand", meanwhile)
        assert program.get(WHOAMI).json()["metadata"] == {"seen": "late"}

    def test_does_not_spare_an_ended_session(self, program):
        assert len(statements_of(program, WHOAMI)) == 2
        Session.objects.filter(pk=program.session_id).end("revoked_by_staff")
        with Statements() as ran:
            assert program.get(WHOAMI).status_code == 401
        assert len(ran.rows) == 1

    def test_tells_proxies_the_level_of_the_proofs_that_stand(self, program):
        Session.objects.filter(pk=program.session_id).update(assurance_level=2)
        assert program.get(WHOAMI)["X-Session-Assurance-Level"] == "aal1"
        AuthenticationMethod.objects.update(revoked_at=timezone.now())
        narrowed = program.get(WHOAMI, {"fields": "id"})
        assert narrowed["X-Session-Assurance-Level"] == "aal0"
        make_method(Session.objects.get(pk=program.session_id), now=timezone.now())
        assert program.get(WHOAMI)["X-Session-Assurance-Level"] == "aal1"


class TestWhoamiByCookie:
    @pytest.mark.parametrize(
        ("configured", "expected"),
        [
            pytest.param({}, 4, id="django's backend and engine"),
            pytest.param(BACKENDS, 3, id="the hub's backend"),
            pytest.param(ENGINE, 2, id="the hub's backend and engine"),
            pytest.param(CACHE, 3, id="verdicts in a cache"),
            pytest.param(CACHED_SESSIONS, 2, id="verdicts and Django's sessions in a cache"),
        ],
    )
    def test_by_configuration(self, configured, expected, signed_in_with):
        browser = signed_in_with(configured)
        assert len(statements_of(browser, WHOAMI)) == expected


class TestOthersByCookie:
    @pytest.mark.parametrize(
        ("configured", "more"),
        [
            pytest.param({}, 2, id="django's backend and engine"),
            pytest.param(BACKENDS, 1, id="the hub's backend"),
            pytest.param(ENGINE, 0, id="the hub's backend and engine"),
        ],
    )
    def test_cost_what_finding_the_user_does_more_than_by_token(
        self, configured, more, site, signed_in_with
    ):
        browser = signed_in_with(configured)
        assert len(statements_of(browser, WHOAMI, tokenize_as="orders")) == 2 + more
        assert len(statements_of(browser, f"{URL}{Session.objects.get().pk}/")) == 2 + more
        assert len(statements_of(browser, URL)) == 4 + more


class TestOthers:
    def test_one_of_mine_is_two(self, program):
        assert len(statements_of(program, f"{URL}{program.session_id}/")) == 2

    @pytest.mark.parametrize("size", [1, 101])
    def test_a_list_is_four(self, ada, program, other_session, size):
        """The secret; the page with users; its proofs; its places with devices."""
        for _ in range(size - 1):
            other_session(ada)
        ran = statements_of(program, URL, page_size=str(size))
        assert len(program.get(URL, {"page_size": str(size)}).json()["results"]) == size
        assert len(ran) == 4

    def test_asking_about_a_secret_is_two_and_the_permissions(self, program):
        """That of who asks; Django's two for permissions; the other with its proofs."""
        body = urlencode({"token": program.secret})
        assert len(counted(lambda: program.post(INTROSPECT, body, FORM))) == 5

    def test_asking_about_a_signed_token_is_as_much(self, site, program):
        """The other is its session's verdict and its user."""
        body = urlencode({"token": token_of(program)})
        assert len(counted(lambda: program.post(INTROSPECT, body, FORM))) == 5

    def test_a_signed_token_of_the_session_is_none_more(self, site, program):
        """It is made of the row that is shown."""
        ran = statements_of(program, WHOAMI, tokenize_as="orders")
        assert len(ran) == 2

    def test_a_signed_token_tells_of_the_row_as_it_is_after_the_verdict(
        self, site, program, monkeypatch
    ):
        def meanwhile(request, asked) -> None:
            Session.objects.filter(pk=program.session_id).end("revoked_by_staff")

        monkeypatch.setattr("sessions_hub.api.viewsets.demand", meanwhile)
        answer = program.get(WHOAMI, {"tokenize_as": "orders"})
        assert (answer.status_code, answer.json()["code"]) == (403, "tokenize_ended")
