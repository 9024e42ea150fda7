"""Errors are problem details, and every answer is kept by no cache."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.test import Client
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from sessions_hub.api import urls
from sessions_hub.api.base import HubView
from sessions_hub.api.jwks import JwksView
from sessions_hub.api.viewsets import SessionViewSet
from sessions_hub.lifecycle import SessionNotEnded

from .conftest import URL, link

pytestmark = pytest.mark.django_db(databases="__all__")


class Never(BaseThrottle):
    def allow_request(self, request, view):
        return False

    def wait(self):
        return 7.5


def problem(response) -> tuple[int, str]:
    """Status and code of an answer that is a well-formed problem."""
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert {"Cookie", "Authorization"} <= set(response["Vary"].split(", "))
    body = response.json()
    assert body["type"] == "about:blank"
    assert body["status"] == response.status_code
    assert body["title"] == response.reason_phrase
    assert body["detail"]
    return body["status"], body["code"]


@pytest.mark.parametrize(
    ("verb", "path", "headers", "expected"),
    [
        ("get", f"{URL}no/", {}, (404, "not_found")),
        ("put", f"{URL}no/", {}, (405, "method_not_allowed")),
        ("put", URL, {}, (405, "method_not_allowed")),
        ("get", f"{URL}end-others/", {}, (405, "method_not_allowed")),
        ("get", URL, {"accept": "text/html"}, (406, "not_acceptable")),
        ("get", f"{URL}?status=x", {}, (400, "invalid")),
    ],
)
def test_every_refusal_is_a_problem(verb, path, headers, expected, browser):
    assert problem(getattr(browser, verb)(path, headers=headers)) == expected


def test_a_visitor_gets_problems_too():
    assert problem(Client().get(URL)) == (401, "not_authenticated")


def test_a_throttled_call_is_a_problem(browser, monkeypatch, undocumented):
    monkeypatch.setattr(SessionViewSet, "throttle_classes", [Never])
    response = browser.get(URL)
    assert problem(response) == (429, "throttled")
    assert response["Retry-After"] == "8"
    # No route of this method has a throttle.
    undocumented.clear()


@pytest.mark.parametrize("fault", [DatabaseError("gone"), SessionNotEnded("not stored")])
@pytest.mark.parametrize("verb", ["get", "delete"])
def test_a_fault_of_the_database_is_503_with_retry_after(verb, fault, browser, monkeypatch):
    def fail(self, *args):
        raise fault

    monkeypatch.setattr(SessionViewSet, "whole", fail)
    response = getattr(browser, verb)(link(browser.session_id))
    assert problem(response) == (503, "unavailable")
    assert response["Retry-After"] == "5"
    assert "gone" not in response.content.decode()


def test_a_fault_of_the_program_is_not_hidden(browser, monkeypatch):
    def fail(self):
        raise RuntimeError("a fault")

    monkeypatch.setattr(SessionViewSet, "get_queryset", fail)
    with pytest.raises(RuntimeError, match="a fault"):
        browser.get(URL)


@pytest.mark.parametrize("path", [URL, f"{URL}current/"])
def test_answers_are_kept_by_no_cache(path, browser):
    response = browser.get(path)
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert {"Cookie", "Authorization"} <= set(response["Vary"].split(", "))
    assert browser.delete(link(browser.session_id))["Cache-Control"] == "no-store"


def test_the_sites_settings_change_nothing(settings, browser):
    before = browser.get(URL)
    settings.REST_FRAMEWORK = {
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.AdminRenderer"],
        "DEFAULT_PARSER_CLASSES": [],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
        "DEFAULT_THROTTLE_CLASSES": ["tests.api.test_problems.Never"],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
        "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
        "DEFAULT_METADATA_CLASS": None,
        "EXCEPTION_HANDLER": "tests.api.test_problems.problem",
        "PAGE_SIZE": 1,
        "UNAUTHENTICATED_USER": None,
    }
    after = browser.get(URL)
    assert (after.status_code, after.json()) == (200, before.json())
    assert problem(Client().get(URL)) == (401, "not_authenticated")
    assert problem(browser.get(f"{URL}no/")) == (404, "not_found")


@pytest.mark.parametrize(
    "name", [name for name in vars(APIView) if name.endswith("_class") or name.endswith("_classes")]
)
def test_every_policy_is_spelt_out(name):
    assert name in vars(HubView)
    assert name in vars(JwksView)


def test_no_view_is_without_the_policies():
    patterns = list(urls.urlpatterns)
    views = []
    while patterns:
        one = patterns.pop()
        if hasattr(one, "url_patterns"):
            patterns += one.url_patterns
        else:
            views.append(getattr(one.callback, "cls", None))
    assert len(views) > 4
    assert all(issubclass(view, (HubView, JwksView)) for view in views)
