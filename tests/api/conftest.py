"""People, browsers and rows for the tests of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sessions_hub.api.viewsets import SessionViewSet
from sessions_hub.capture import ClientSnapshot
from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Session

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
URL = "/api/sessions/"


@pytest.fixture(autouse=True)
def undocumented(monkeypatch) -> Iterator[list[str]]:
    """Every answer of the API is one that docs/openapi.yaml tells of, to the last member.

    A test that makes the API answer what it never does clears this list.
    """
    pytest.importorskip("jsonschema")
    from tests.openapi.recorder import PREFIX, complaints

    found: list[str] = []
    plain = Client.request

    def request(self, **given):
        response = plain(self, **given)
        # A fault of the program is raised here, unless a test has asked for the page of it.
        is_fault = response.status_code == 500 and not self.raise_request_exception
        if given["PATH_INFO"].startswith(PREFIX) and not is_fault:
            found.extend(complaints(given["REQUEST_METHOD"], given["PATH_INFO"], response))
        return response

    monkeypatch.setattr(Client, "request", request)
    yield found
    assert not found, "\n".join(found)


def make_user(name: str):
    return get_user_model()._default_manager.create_user(
        username=name, password="right-password", email=f"{name}@example.com"
    )


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def bob(db):
    return make_user("bob")


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """A browser that has signed in; what it is in stands in its `session_id`."""

    def sign_in(user, **options) -> Client:
        client = Client(headers={"user-agent": CHROME}, **options)
        known = set(Session.objects.values_list("pk", flat=True))
        client.get("/sign-in/", {"user": user.get_username()})
        client.session_id = Session.objects.exclude(pk__in=known).get().pk
        return client

    return sign_in


@pytest.fixture
def browser(ada, sign_in) -> Client:
    return sign_in(ada)


@pytest.fixture
def other_session() -> Callable[..., Session]:
    """A further session of a user, as another browser would have made it."""

    def start(user, **values) -> Session:
        session = start_session(
            user,
            method="password",
            snapshot=ClientSnapshot(address="192.0.2.9", user_agent=CHROME, hints={}),
        )
        if values:
            Session.objects.filter(pk=session.pk).update(**values)
            session.refresh_from_db()
        return session

    return start


@pytest.fixture
def in_view(monkeypatch) -> list[str]:
    """The statements of the view of the list alone, once authentication is over."""
    statements: list[str] = []
    plain = SessionViewSet.list

    def measured(self, request, *args, **kwargs):
        with CaptureQueriesContext(connections[database()]) as queries:
            response = plain(self, request, *args, **kwargs)
        statements.extend(query["sql"] for query in queries)
        return response

    monkeypatch.setattr(SessionViewSet, "list", measured)
    return statements


def link(session: Session | object) -> str:
    return f"{URL}{getattr(session, 'pk', session)}/"
