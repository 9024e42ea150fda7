"""No report of a fault shows what opens something, wherever the fault is (CWE-209, CWE-532)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.signals import got_request_exception
from django.db import connections
from django.test import Client
from django.views.debug import ExceptionReporter

from sessions_hub.lifecycle.guard import database
from tests.api.routes.table import TABLE
from tests.credentials.shown import found_in

from .conftest import PASSWORD, Site
from .seeds import CODE

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

FORM = "application/x-www-form-urlencoded"
# As many statements as any of these runs.
MOST = 60


class Fault(RuntimeError):
    """Of the program, in the midst of it."""


# Variables of those who are asked whether a password or a code is right, in their own frames.
THEIRS = {
    "/django/contrib/auth/backends.py": {"password"},
    "/django_otp/": {"token"},
    # The statement by which django-otp looks for a backup code, on its way to the database.
    "/django/db/": {"params"},
    __file__: {"params"},
}


class Reporter(ExceptionReporter):
    """The report, without what others show in frames of their own."""

    def get_traceback_frames(self) -> list[dict[str, Any]]:
        frames = super().get_traceback_frames()
        asks_otp = any("/django_otp/" in frame["filename"] for frame in frames)
        for frame in frames:
            for path, names in THEIRS.items():
                if path in frame["filename"] and (asks_otp or "params" not in names):
                    frame["vars"] = [one for one in frame["vars"] if one[0] not in names]
        return frames


@pytest.fixture
def reports(settings: Any) -> Iterator[list[str]]:
    """What is sent to the admins, with DEBUG off; the text of it has no variables."""
    settings.DEBUG = False
    found: list[str] = []

    def report(sender: object, request: Any, **kwargs: object) -> None:
        reporter = Reporter(request, *sys.exc_info())
        found.append(reporter.get_traceback_html())

    got_request_exception.connect(report)
    yield found
    got_request_exception.disconnect(report)


def failing_at(place: int) -> Any:
    """Makes the statement at this place fail, with an error nobody expects."""
    passed = iter(range(MOST))

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if next(passed, MOST) == place:
            raise Fault
        return execute(sql, params, many, context)

    return run


def calls(used: Site) -> dict[str, Any]:
    """What to do, by name: every route of the API, by cookie and by token, and the pages."""
    json = "application/json"
    bearer = {"authorization": f"Bearer {used.secret}"}
    proof = {"password": PASSWORD, "code": CODE}
    bodies: dict[str, Any] = {
        "POST sessions/": {"name": "k"},
        "POST sessions/current/step-up/": proof,
        "POST staff/sessions/": {"user": str(used.ada.pk)},
        "POST staff/sessions/end/": {"user": str(used.ada.pk), "dry_run": True},
        "POST staff/users/<pk>/impersonate/": {"reason": "ticket 7"},
    }

    def api(client: Client, name: str, **options: Any) -> Any:
        verb, _space, path = name.partition(" ")
        pk = used.ada.pk if "users" in path else used.session.pk
        url = "/api/" + path.replace("<pk>", str(pk))
        if path in {"introspect/", "revoke/"}:
            form = urlencode({"token": used.secret})
            return lambda: client.post(url, form, content_type=FORM, **options)
        body = {"data": bodies.get(name, {}), "content_type": json} if verb != "GET" else {}
        return lambda: getattr(client, verb.lower())(url, **body, **options)

    program = Client(raise_request_exception=False, headers=bearer)
    found: dict[str, Any] = {}
    for name in dict.fromkeys(call.name for call in TABLE.values()):
        if "jwks" in name:
            continue
        is_staffs = "staff/" in name or name.startswith(("POST introspect", "POST revoke"))
        found[f"{name} by cookie"] = api(used.staff if is_staffs else used.browser, name)
        found[f"{name} by token"] = api(program, name)
    credentials = {"username": "ada", **proof}
    anonymous = Client(raise_request_exception=False)
    found["signing in over the API"] = lambda: anonymous.post(
        "/api/sessions/", credentials, content_type=json
    )
    found["tokenizing"] = lambda: used.browser.get("/api/sessions/current/?tokenize_as=orders")
    found["proving oneself on the page"] = lambda: used.browser.post(
        "/account/reauthenticate/", {"password": PASSWORD}
    )
    found["signing in on the page"] = lambda: anonymous.post(
        "/accounts/login/", {"username": "ada", "password": PASSWORD}
    )
    found["the admin"] = lambda: used.staff.get("/admin/sessions_hub/session/")
    return found


NAMES = [
    *(
        f"{name} by {what}"
        for name in dict.fromkeys(call.name for call in TABLE.values())
        if "jwks" not in name
        for what in ("cookie", "token")
    ),
    "signing in over the API",
    "tokenizing",
    "proving oneself on the page",
    "signing in on the page",
    "the admin",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_report_shows_one_whichever_statement_fails(name, used, reports):
    act = calls(used)[name]
    for place in range(MOST):
        with connections[database()].execute_wrapper(failing_at(place)):
            status = act().status_code
        if status < 500:
            break
    opening = dict(used.seeds.plain)
    # Django shows the cookies of a request, that of its own session among them.
    del opening["device key"]
    shown = used.seeds.named(found_in("\n".join(reports), opening.values()))
    assert shown == set()


def test_a_report_would_show_it_if_nothing_hid_it(used, reports):
    """Without what hides it, a fault in a view with a secret at hand shows the secret."""

    def open_book(secret: str) -> None:
        raise Fault

    try:
        open_book(used.secret)
    except Fault:
        shown = Reporter(None, *sys.exc_info()).get_traceback_html()
    assert found_in(shown, [used.secret]) == [used.secret]
