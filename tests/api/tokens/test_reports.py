"""A secret is in no error report, whatever goes wrong while it is at hand (CWE-532)."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.test import Client
from django.views.debug import ExceptionReporter
from django.views.decorators.debug import sensitive_variables

from sessions_hub.credentials.secrets import new_secret
from sessions_hub.models import SessionToken
from tests.api.conftest import URL

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def reports(settings):
    """What error reports of a site say, with DEBUG off."""
    settings.DEBUG = False
    found: list[str] = []

    def report(sender: object, request: Any, **kwargs: object) -> None:
        found.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

    got_request_exception.connect(report)
    yield found
    got_request_exception.disconnect(report)


@pytest.mark.parametrize(
    ("verb", "path", "broken"),
    [
        ("get", "current/", "api.authentication.find_bearer"),
        ("post", "current/rotate/", "api.own.OwnSessionsViewSet.mine"),
        ("post", "current/rotate/", "lifecycle.tokens._forget_oldest"),
        ("post", "current/step-up/", "api.own.OwnSessionsViewSet.mine"),
        ("post", "", "api.own.OwnSessionsViewSet.whole"),
    ],
)
def test_no_secret_is_in_one(issue, reports, monkeypatch, caplog, verb, path, broken):
    made: list[str] = []

    @sensitive_variables()
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a fault of the program")

    @sensitive_variables()
    def noted() -> str:
        made.append(new_secret())
        return made[-1]

    secret = issue("sessions:write").secret
    monkeypatch.setattr("sessions_hub.lifecycle.tokens.new_secret", noted)
    monkeypatch.setattr(f"sessions_hub.{broken}", fail)
    client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {secret}"})
    data = {"password": "right-password"} if "step-up" in path else {}
    with caplog.at_level(logging.DEBUG):
        response = getattr(client, verb)(f"{URL}{path}", data, content_type="application/json")
    assert response.status_code == 500
    assert reports
    assert bool(made) == (verb == "post")
    for one in (secret, *made, "right-password"):
        assert all(one not in text for text in (*reports, caplog.text))
    assert SessionToken.objects.exists()
