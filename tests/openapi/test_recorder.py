"""What holds the tests of the API to docs/openapi.yaml does notice."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse

pytest.importorskip("jsonschema", reason="the extra [openapi] is not installed")
from sessions_hub.openapi import examples
from sessions_hub.openapi.operation import JSON

from .recorder import complaints, template_of

PROBLEM = "application/problem+json"
NOT_FOUND = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "…",
    "code": "not_found",
}
ONE = f"/api/sessions/{examples.SESSION_ID}/"


def answer(body, status=200, kind=JSON, **headers):
    content = b"" if body is None else json.dumps(body)
    return HttpResponse(content, status=status, content_type=kind, headers=headers)


def problem(status=404, **members):
    return answer({**NOT_FOUND, "status": status, **members}, status, PROBLEM)


GOOD = [
    ("GET", ONE, answer(examples.SESSION)),
    ("HEAD", ONE, answer(None)),
    ("DELETE", ONE, answer(None, 204)),
    ("GET", ONE, problem()),
    ("PUT", ONE, problem(405, code="method_not_allowed")),
    ("GET", "/api/sessions/", answer(examples.page({"id": examples.SESSION_ID}))),
    ("POST", "/api/sessions/", answer(examples.ISSUED, 201)),
    ("GET", "/api/no/", answer(None, 404, "text/html")),
]


@pytest.mark.parametrize(("method", "path", "response"), GOOD)
def test_documented_answers_pass(method, path, response):
    assert list(complaints(method, path, response)) == []


@pytest.mark.parametrize(
    ("method", "path", "response", "told"),
    [
        ("GET", "/api/no/", answer({}), "no documented route"),
        ("PUT", ONE, answer({}), "is not documented"),
        ("GET", ONE, answer({}, 418), "status 418 is not documented"),
        ("GET", ONE, answer(examples.SESSION, 200, "text/html"), "as 'text/html'"),
        ("GET", ONE, answer({**examples.SESSION, "more": 1}), "'more' was unexpected"),
        ("GET", ONE, answer({**examples.SESSION, "id": "7"}), "'7' is not a 'uuid'"),
        ("GET", ONE, answer({**examples.SESSION, "status": "no"}), "'no' is not one of"),
        (
            "GET",
            ONE,
            answer({**examples.SESSION, "ended_at": "2026-05-01T12:00:00+02:00"}),
            "ended_at",
        ),
        (
            "GET",
            ONE,
            answer({k: v for k, v in examples.SESSION.items() if k != "amr"}),
            "'amr' is a required property",
        ),
        (
            "GET",
            ONE,
            answer({**examples.SESSION, "devices": [{**examples.PLACE, "more": 1}]}),
            "'more' was unexpected",
        ),
        ("GET", ONE, problem(code="gone"), "'gone' is not one of"),
        ("GET", ONE, problem(scope="x"), "'scope' was unexpected"),
        ("GET", ONE, answer(NOT_FOUND, 404), "as 'application/json'"),
        ("DELETE", ONE, answer({}, 204), "204 with a body"),
        ("GET", ONE, problem(503, code="unavailable"), "503 without Retry-After"),
    ],
)
def test_others_do_not(method, path, response, told):
    (complaint,) = list(complaints(method, path, response))
    assert told in complaint


def test_a_route_without_parameters_comes_first():
    assert template_of("/api/sessions/current/") == "/api/sessions/current/"
    assert template_of(ONE) == "/api/sessions/{id}/"
    assert template_of("/api/sessions/a/b/") is None
