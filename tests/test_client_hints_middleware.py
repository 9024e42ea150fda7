"""ClientHintsMiddleware: which pages ask, and that nobody else's wish is lost."""

from __future__ import annotations

import asyncio

import pytest
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import AsyncClient, Client, RequestFactory, override_settings

from sessions_hub.capture.accept_ch import HINTS, with_hints
from sessions_hub.middleware import ClientHintsMiddleware, ask_for_hints

OURS = (
    "Sec-CH-UA-Platform-Version, Sec-CH-UA-Model, Sec-CH-UA-Full-Version-List, "
    "Sec-CH-UA-Form-Factors"
)
MIDDLEWARE = [
    "sessions_hub.middleware.ClientHintsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sessions_hub.middleware.SessionsHubMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]


@pytest.fixture(autouse=True)
def _site(settings) -> None:
    settings.MIDDLEWARE = MIDDLEWARE
    settings.LOGIN_URL = "/accounts/login/"


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/"])
@pytest.mark.django_db(databases="__all__")
def test_a_page_to_sign_in_on_asks(path) -> None:
    assert Client().get(path).headers["Accept-CH"] == OURS


@pytest.mark.django_db(databases="__all__")
def test_a_refused_sign_in_shows_the_form_again_and_asks_again() -> None:
    response = Client().post("/accounts/login/", {"username": "nobody", "password": "x"})
    assert response.headers["Accept-CH"] == OURS


@pytest.mark.parametrize("path", ["/public/", "/nowhere/", "/admin/", "/api/sessions/"])
@pytest.mark.django_db(databases="__all__")
def test_other_pages_do_not_ask(path) -> None:
    assert "Accept-CH" not in Client().get(path).headers


@pytest.mark.django_db(databases="__all__")
async def test_it_asks_under_asgi_too() -> None:
    assert (await AsyncClient().get("/accounts/login/")).headers["Accept-CH"] == OURS
    assert "Accept-CH" not in (await AsyncClient().get("/apublic/")).headers


def page(request, **headers) -> HttpResponse:
    return HttpResponse("<form>", headers=headers)


@pytest.mark.parametrize(
    ("path", "login_url", "paths", "asks"),
    [
        ("/in/", "/in/", (), True),
        ("/in/", "/other/", (), False),
        ("/in/?next=/a/", "/in/", (), True),
        ("/in/more/", "/in/", (), False),
        ("/signup/", "/in/", ("/signup/",), True),
        ("/signup/step/2/", "/in/", ("/signup/",), True),
        ("/de/signup/", "/in/", ("/signup/",), False),
        ("/in/", "https://login.example.com/in/", (), False),
        ("/in/", "//login.example.com/in/", (), False),
        ("/in/", "/in/?source=app", (), True),
        ("/in/", "/in/#form", (), True),
        ("/in/", "//[/in/", (), False),
    ],
)
def test_the_page_of_the_login_url_and_the_named_ones_ask(
    path, login_url, paths, asks, settings
) -> None:
    settings.LOGIN_URL = login_url
    settings.SESSIONS_HUB_CLIENT_HINTS_PATHS = paths
    response = ClientHintsMiddleware(page)(RequestFactory().get(path))
    assert ("Accept-CH" in response.headers) is asks


@pytest.mark.parametrize("login_url", ["no-such-name", None, 7])
def test_a_login_url_that_leads_nowhere_costs_no_page(settings, login_url) -> None:
    settings.LOGIN_URL = login_url
    response = ask_for_hints(RequestFactory().get("/in/"), HttpResponse("<p>"))
    assert (response.status_code, "Accept-CH" in response.headers) == (200, False)


@pytest.mark.parametrize(("paths", "asks"), [("/in/", True), ("/other/", False), (None, False)])
def test_paths_of_a_wrong_type_cost_no_page(settings, paths, asks) -> None:
    settings.LOGIN_URL = "/elsewhere/"
    settings.SESSIONS_HUB_CLIENT_HINTS_PATHS = paths
    response = ask_for_hints(RequestFactory().get("/in/"), HttpResponse("<p>"))
    assert ("Accept-CH" in response.headers) is asks


def test_a_login_url_by_name_is_resolved(settings) -> None:
    settings.LOGIN_URL = "admin:login"
    response = ask_for_hints(RequestFactory().get("/admin/login/"), HttpResponse("<form>"))
    assert response.headers["Accept-CH"] == OURS


@override_settings(FORCE_SCRIPT_NAME="/site")
def test_a_site_below_a_folder_knows_its_page(settings) -> None:
    settings.LOGIN_URL = "/site/in/"
    request = RequestFactory().get("/in/", SCRIPT_NAME="/site")
    assert "Accept-CH" in ask_for_hints(request, HttpResponse("<form>")).headers
    settings.LOGIN_URL = "/elsewhere/"
    settings.SESSIONS_HUB_CLIENT_HINTS_PATHS = ["/in/"]
    assert "Accept-CH" in ask_for_hints(request, HttpResponse("<form>")).headers


@pytest.mark.parametrize(
    "response",
    [
        JsonResponse({"detail": "sign in"}),
        HttpResponse(status=302, headers={"Location": "/"}),
        HttpResponse("<h1>Gone</h1>", status=404),
        HttpResponse("key", content_type="text/plain"),
    ],
)
def test_what_is_no_page_does_not_ask(response, settings) -> None:
    settings.LOGIN_URL = "/in/"
    assert "Accept-CH" not in ask_for_hints(RequestFactory().get("/in/"), response).headers


@pytest.mark.parametrize(
    ("context", "asks"),
    [
        ({"form": AuthenticationForm()}, True),
        ({"form": object()}, False),
        ({"form": None}, False),
        ({}, False),
        (None, False),
    ],
)
def test_djangos_own_form_is_known_wherever_it_stands(context, asks) -> None:
    template = engines["django"].from_string("x")
    request = RequestFactory().get("/members/")
    response = TemplateResponse(request, template, context).render()
    assert ("Accept-CH" in ask_for_hints(request, response).headers) is asks


@pytest.mark.parametrize(
    ("accepted", "result"),
    [
        ("", OURS),
        ("Viewport-Width", f"Viewport-Width, {OURS}"),
        ("DPR ,  Width,", f"DPR, Width, {OURS}"),
        ("sec-ch-ua-model", "sec-ch-ua-model, " + ", ".join(h for h in HINTS if "Model" not in h)),
        (OURS, OURS),
    ],
)
def test_what_was_asked_for_already_stays(accepted, result, settings) -> None:
    settings.LOGIN_URL = "/in/"
    headers = {"Accept-CH": accepted} if accepted else {}
    response = ask_for_hints(RequestFactory().get("/in/"), HttpResponse("", headers=headers))
    assert response.headers["Accept-CH"] == result == with_hints(accepted)


def test_an_async_view_is_awaited(settings) -> None:
    settings.LOGIN_URL = "/in/"

    async def view(request) -> HttpResponse:
        return HttpResponse("<form>")

    response = asyncio.run(ClientHintsMiddleware(view)(RequestFactory().get("/in/")))
    assert response.headers["Accept-CH"] == OURS
