"""The tokens of providers are on no page, in no answer, list, log line, report or dump."""

from __future__ import annotations

import logging
import sys
from io import StringIO
from types import TracebackType
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import OperationalError, connections
from django.test import Client, RequestFactory
from django.views.debug import ExceptionReporter

from sessions_hub.lifecycle import provider_tokens, record_provider
from sessions_hub.lifecycle.factors import ProviderGrant
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.provider_answers import take
from sessions_hub.models import AuthenticationMethod, Session
from tests.credentials.keys import FIRST, SECOND
from tests.credentials.shown import found_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ACCESS, REFRESH = "company-s3cr3t-access-0815", "company-s3cr3t-refresh-4711"
GIVEN = [ACCESS, REFRESH]


@pytest.fixture(autouse=True)
def keys(settings):
    settings.DEBUG = False
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]
    settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = True


@pytest.fixture
def root() -> Client:
    """A superuser with a session that holds tokens; it may see whatever can be seen."""
    get_user_model()._default_manager.create_superuser(
        username="root", email="root@example.com", password="right-password"
    )
    client = Client(raise_request_exception=False)
    client.get("/sign-in/?user=root")
    client.session_id = UUID(client.get("/whoami/").json()["session"])
    AuthenticationMethod.objects.update(method="oidc", provider="company")
    record_provider(
        client.session_id, "company", "4711", access_token=ACCESS, refresh_token=REFRESH
    )
    return client


@pytest.fixture
def hidden(root) -> list[str]:
    """The tokens, and what is stored of them."""
    row = proof()
    return [*GIVEN, row.provider_access_token, row.provider_refresh_token]


def proof() -> AuthenticationMethod:
    return AuthenticationMethod.objects.exclude(provider_access_token="").get()


def request_of(client: Client):
    """A request as the middleware leaves it to a view."""
    request = RequestFactory().get("/")
    request.session = client.session
    request.user = get_user_model()._default_manager.get(username="root")
    return request


def test_no_answer_of_the_api_has_one(root, hidden):
    for path in ("", "current/", f"{root.session_id}/"):
        answer = root.get(f"/api/sessions/{path}")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "company" in text
        assert found_in(text, hidden) == []


def test_no_page_of_the_admin_or_of_the_account_has_one(root, hidden):
    admin, method = "/admin/sessions_hub", proof().pk
    pages = [
        f"{admin}/",
        f"{admin}/session/",
        f"{admin}/session/{root.session_id}/change/",
        f"{admin}/session/{root.session_id}/end/",
        f"{admin}/session/{root.session_id}/history/",
        f"{admin}/authenticationmethod/",
        f"{admin}/authenticationmethod/{method}/change/",
        "/account/reauthenticate/",
        "/whoami/",
    ]
    texts = {page: root.get(page).content.decode() for page in pages}
    assert "company" in texts[f"{admin}/authenticationmethod/{method}/change/"]
    assert [page for page, text in texts.items() if found_in(text, hidden)] == []


@pytest.mark.parametrize(
    "command",
    [
        ["listsessions"],
        ["listsessions", "--format=json"],
        ["listsessions", "--format=csv"],
        ["sessionstats", "--format=json"],
        ["rotatesessionkeys"],
        ["rotatesessionkeys", "--format=json", "--dry-run"],
    ],
)
def test_no_command_prints_one(hidden, command):
    out = StringIO()
    call_command(*command, stdout=out)
    assert out.getvalue()
    assert found_in(out.getvalue(), hidden) == []


def test_a_dump_has_the_ciphertexts_alone(root):
    out = StringIO()
    call_command("dumpdata", stdout=out, database=database())
    assert proof().provider_access_token in out.getvalue()
    assert found_in(out.getvalue(), GIVEN) == []


def test_nor_has_any_column_of_any_table_of_ours(root):
    connection = connections[database()]
    tables = [name for name in connection.introspection.table_names() if "sessions_hub" in name]
    assert len(tables) > 4
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            assert found_in(repr(cursor.fetchall()), GIVEN) == []


def test_no_log_line_has_one_at_any_level(root, settings, caplog):
    # With the statements and their parameters, which Django logs in DEBUG alone.
    settings.DEBUG = True
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "django")
    request = request_of(root)
    record_provider(root.session_id, "company", "4711", access_token=ACCESS, refresh_token=REFRESH)
    (found,) = provider_tokens(root.session_id, by=request.user, request=request)
    assert found.access_token == ACCESS
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND, FIRST]
    call_command("rotatesessionkeys", stdout=StringIO())
    root.get("/api/sessions/")
    lines = [f"{one.getMessage()} {vars(one)}" for one in caplog.records]
    assert any("UPDATE" in line for line in lines)
    assert any("provider_tokens.read" in line for line in lines)
    assert found_in("\n".join(lines), GIVEN) == []


def frames(traceback: TracebackType | None) -> list[str]:
    """What an error tracker sees of our frames: their locals, as text."""
    found = []
    while traceback is not None:
        if "/sessions_hub/" in traceback.tb_frame.f_code.co_filename:
            found.append(repr(traceback.tb_frame.f_locals))
        traceback = traceback.tb_next
    return found


def refusing_updates(execute, sql, params, many, context):
    if sql.startswith("UPDATE"):
        raise OperationalError("gone away")
    return execute(sql, params, many, context)


def recording(client: Client) -> None:
    with connections[database()].execute_wrapper(refusing_updates):
        record_provider(
            client.session_id, "company", "4711", access_token=ACCESS, refresh_token=REFRESH
        )


def taking(client: Client) -> None:
    grant = ProviderGrant(
        provider="company", uid="4711", access_token=ACCESS, refresh_token=REFRESH
    )
    request = request_of(client)
    with connections[database()].execute_wrapper(refusing_updates):
        take(request, request.user.pk, grant)


def reading(client: Client) -> None:
    request = request_of(client)
    provider_tokens(client.session_id, by=request.user, request=request)


def reading_plain_text(client: Client) -> None:
    AuthenticationMethod.objects.update(provider_access_token=ACCESS)
    reading(client)


def reading_what_was_tampered_with(client: Client) -> None:
    AuthenticationMethod.objects.update(provider_access_token=proof().provider_refresh_token)
    reading(client)


@pytest.mark.parametrize(
    "act", [recording, taking, reading_plain_text, reading_what_was_tampered_with]
)
def test_no_exception_report_has_one(root, act):
    root.get("/public/")
    try:
        act(root)
    except Exception:  # noqa: BLE001
        kind, error, traceback = sys.exc_info()
    # From the first frame of the hub on: what its caller has at hand is the caller's.
    while "/sessions_hub/" not in traceback.tb_frame.f_code.co_filename:
        traceback = traceback.tb_next
    report = ExceptionReporter(RequestFactory().get("/"), kind, error, traceback)
    chain, cause = [error], error
    while (cause := cause.__cause__ or cause.__context__) is not None:
        chain.append(cause)
    shown = [report.get_traceback_text(), report.get_traceback_html()]
    shown += [f"{one!r} {one} {vars(one)}" for one in chain]
    shown += [text for one in chain for text in frames(one.__traceback__)]
    assert len(shown) > 4
    assert found_in("\n".join(shown), [*GIVEN, FIRST]) == []


def test_it_would_be_seen_if_it_were_there():
    """Without what hides it, the report of a fault has it."""

    def open_book(secret):
        raise RuntimeError

    try:
        open_book(ACCESS)
    except RuntimeError:
        report = ExceptionReporter(RequestFactory().get("/"), *sys.exc_info())
    assert found_in(report.get_traceback_html(), GIVEN) == [ACCESS]


def test_no_row_is_printed_with_one(root):
    session = Session.objects.get(pk=root.session_id)
    row = proof()
    assert found_in(f"{session!r} {session} {row!r} {row}", GIVEN) == []
