"""Every operation of docs/openapi.yaml, called with whatever its schema lets one think of.

By cookie and by token, in process. HUB_TEST_CALLS says how many calls each operation gets.
Each is made in a transaction that is taken back: whatever it ends is there for the next.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from django.core.cache import cache
from django.db import connections, transaction
from django.test import Client

pytest.importorskip("schemathesis", reason="the extra [dev] is not installed")
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks

from sessions_hub.credentials.scopes import Scope
from sessions_hub.lifecycle import start_session
from sessions_hub.models import Device
from sessions_hub.openapi.examples import SECRET
from tests.api.conftest import make_user
from tests.api.staff.conftest import ALL, make_staff, token_of
from tests.api.test_provider_tokens import FIRST

from .document import document
from .recorder import complaints

CALLS = int(os.environ.get("HUB_TEST_CALLS", "50"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {
    one.ok().definition.raw["operationId"]: one.ok() for one in SCHEMA.get_all_operations()
}
CSRF = "c" * 32

pytestmark = [pytest.mark.generated, pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def site(settings):
    """A site that has everything switched on, so that no call ends at a switch."""
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True
    settings.SESSIONS_HUB_API_SIGN_IN = ["password", "totp"]
    settings.SESSIONS_HUB_SCOPES = ["reports:read"]
    settings.SESSIONS_HUB_THROTTLES = {}
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]
    settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = True


@pytest.fixture
def grace():
    """Staff, with all permissions: her calls end at no door."""
    return make_staff("grace", *ALL)


@pytest.fixture
def by_cookie(grace) -> dict[str, str]:
    browser = Client()
    browser.get("/sign-in/", {"user": "grace"})
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    written = (f"{name}={value}" for name, value in {**cookies, "csrftoken": CSRF}.items())
    return {"Cookie": "; ".join(written), "X-CSRFToken": CSRF}


@pytest.fixture
def by_token(grace) -> dict[str, str]:
    secret = token_of(grace, *Scope, "reports:read").secret
    return {"Authorization": f"Bearer {secret}"}


@dataclass(frozen=True)
class Rows:
    """What there is to be called about."""

    session: Any
    device: Any
    user: Any
    secret: str

    def id_in(self, path: str) -> str:
        """An id that there is, for a path."""
        row = self.session
        for place, one in {"/devices/{id}": self.device, "/users/{id}": self.user}.items():
            row = one if place in path else row
        return str(row.pk)

    def real(self, body: dict[str, Any]) -> dict[str, Any]:
        """An example, about what there is."""
        meant = {"…": "right-password", "ada": "grace", "7": str(self.user.pk), SECRET: self.secret}
        return {
            name: meant.get(value, value) if isinstance(value, str) else value
            for name, value in body.items()
        }


@pytest.fixture
def rows(grace) -> Rows:
    session = start_session(grace, method="password")
    device = Device.objects.create(user=grace)
    return Rows(session, device, make_user("bob"), token_of(grace).secret)


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside is gone afterwards, on every database."""
    try:
        with transaction.atomic():
            cache.clear()
            yield
            transaction.set_rollback(True)
    finally:
        assert not connections["default"].needs_rollback


def calls_of(operation: Any, rows: Rows) -> Any:
    """Valid calls and others, on what there is and on what there is not; the examples too."""
    known = (
        {"path_parameters": {"id": rows.id_in(operation.path)}} if "{id}" in operation.path else {}
    )
    kinds = [
        operation.as_strategy(GenerationMode.POSITIVE, **known),
        operation.as_strategy(GenerationMode.NEGATIVE, **known),
    ]
    if known:
        kinds.append(operation.as_strategy(GenerationMode.POSITIVE))
    for content in operation.definition.raw.get("requestBody", {}).get("content", {}).values():
        kinds += [
            operation.as_strategy(
                GenerationMode.POSITIVE, **known, body=rows.real(example["value"])
            )
            for example in content["examples"].values()
        ]
    return strategies.one_of(kinds)


def send(case: Any, headers: dict[str, str]) -> tuple[requests.PreparedRequest, Any]:
    """The call as it goes over the wire, and Django's answer; a fault of the program is raised."""
    given = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
    wanted = {
        name: given.get(name) for name in ("method", "url", "params", "data", "json", "headers")
    }
    sent = requests.Request(**wanted).prepare()
    body = sent.body or b""
    response = Client(enforce_csrf_checks=True).generic(
        sent.method,
        sent.url.removeprefix("http://testserver"),
        body.encode() if isinstance(body, str) else body,
        content_type=sent.headers.get("Content-Type", ""),
        headers={name: _text(value) for name, value in sent.headers.items()},
    )
    return sent, response


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def as_received(sent: requests.PreparedRequest, response: Any) -> Response:
    """Django's answer as the checks know answers."""
    headers = {name: [value] for name, value in response.headers.items()}
    return Response(response.status_code, headers, response.content, sent, 0.0, verify=True)


@pytest.mark.parametrize("who", ["by_cookie", "by_token"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_call_is_answered_but_as_documented(name, who, site, rows, request):
    operation, headers = OPERATIONS[name], request.getfixturevalue(who)
    answered = set()

    @seed(CALLS)
    @settings(
        max_examples=CALLS,
        deadline=None,
        database=None,
        # What fails is told as it is: making it smaller takes longer than reading it.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=calls_of(operation, rows))
    def call(case):
        with taken_back():
            sent, response = send(case, headers)
        assert list(complaints(case.method, operation.path, response)) == []
        case.validate_response(as_received(sent, response), checks=CHECKS)
        answered.add(response.status_code)

    call()
    # Not only errors: the calls reach what they are about.
    assert answered & {200, 201, 204} or name in ONLY_REFUSED.get(who, ())


# What is refused however well it is asked.
ONLY_REFUSED = {
    "by_cookie": {"hub_rotate_secret"},
    "by_token": {"hub_read_provider_tokens", "hub_staff_impersonate_user"},
}
