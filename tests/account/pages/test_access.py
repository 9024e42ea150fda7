"""Who may see and do what on the pages: every route, every kind of visitor."""

from __future__ import annotations

from urllib.parse import quote
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone

from sessions_hub.account.sessions import EndView, SessionsView
from sessions_hub.lifecycle import end_session, start_token_session
from sessions_hub.models import Device, Session, SessionToken
from sessions_hub.tokens import require_scope
from tests.account.site import urlpatterns as common
from tests.factories import make_session

from .conftest import ROOT, SESSIONS, Person

pytestmark = pytest.mark.django_db(databases="__all__")

# Path, whether it asks for an id, verbs.
ROUTES = {
    "sessions/": ("", "get"),
    "sessions/ended/": ("", "get"),
    "sessions/end-others/": ("", "get post"),
    "sessions/{}/end/": ("session", "get post"),
    "sessions/{}/not-me/": ("session", "get post"),
    "devices/": ("", "get"),
    "devices/{}/": ("device", "get post"),
    "devices/{}/trust/": ("device", "post"),
    "devices/{}/forget/": ("device", "get post"),
    "api-keys/": ("", "get"),
    "api-keys/new/": ("", "get post"),
    "data/": ("", "get post"),
}
CALLS = [(route, verb) for route, (_of, verbs) in ROUTES.items() for verb in verbs.split()]
EACH = pytest.mark.parametrize(("route", "verb"), CALLS)
POSTS = [route for route, verb in CALLS if verb == "post"]
# What people look at, and change nothing by it.
LOOKS = {"sessions/", "sessions/ended/", "devices/", "devices/{}/", "api-keys/"}
VALID = {"name": "a name", "lifetime": "604800", "trusted": "1"}


def at(route: str, person: Person) -> str:
    """The route, about what this person has."""
    of = ROUTES[route][0]
    pk = person.session_id if of == "session" else person.device.pk if of else ""
    return ROOT + route.format(pk)


def call(client: Client, verb: str, url: str):
    return client.post(url, VALID) if verb == "post" else client.get(url)


def rows() -> list:
    """What the pages change."""
    return [
        list(Session.objects.order_by("pk").values_list("pk", "ended_at", "end_reason", "name")),
        list(Device.objects.order_by("pk").values_list("pk", "name", "trusted_at", "forgotten_at")),
        SessionToken.objects.count(),
    ]


@pytest.fixture
def owned(here, there) -> str:
    """Ada's second browser: nothing here asks for more than she has proven just now."""
    return there


@EACH
class TestVisitors:
    def test_one_who_is_not_signed_in_is_sent_to_sign_in(self, route, verb, owned):
        url, before = at(route, owned), rows()
        response = call(Client(), verb, url)
        assert response.status_code == 302
        assert response["Location"] == f"/accounts/login/?next={quote(url)}"
        assert rows() == before

    def test_one_whose_session_has_ended_is_too(self, route, verb, here, owned):
        url = at(route, owned)
        end_session(here.row, reason="revoked_by_staff")
        before = rows()
        response = call(here, verb, url)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")
        assert rows() == before

    def test_the_owner_is_let_in(self, route, verb, here, owned):
        response = call(here, verb, at(route, owned))
        assert response.status_code in {200, 201, 302}
        assert "reauthenticate" not in response.get("Location", "")
        assert "next=" not in response.get("Location", "")

    def test_whoever_acts_as_the_owner_looks_and_changes_nothing(self, route, verb, acting, owned):
        before = rows()
        response = call(acting, verb, at(route, owned))
        looks = verb == "get" and (route in LOOKS or "session" in ROUTES[route][0])
        assert response.status_code == (200 if looks else 403)
        assert rows() == before
        if looks and route in LOOKS:
            main = response.content.decode().partition("<main")[2]
            assert "<button" not in main.replace('name="next"', "").partition("sessions-hub-nav")[2]

    def test_one_whose_second_factor_is_missing_sees_and_does_nothing(
        self, route, verb, here, owned
    ):
        Session.objects.filter(pk=here.session_id).update(session_type="temporary")
        before = rows()
        response = call(here, verb, at(route, owned))
        assert response.status_code == 403
        assert "second factor" in response.content.decode()
        assert rows() == before

    def test_nothing_is_kept_by_a_cache_or_shown_in_a_frame(self, route, verb, here, owned):
        response = call(here, verb, at(route, owned))
        assert "no-store" in response["Cache-Control"]
        assert response["X-Frame-Options"] == "DENY"


BY_ID = [(route, verb) for route, verb in CALLS if ROUTES[route][0]]


@pytest.mark.parametrize(("route", "verb"), BY_ID)
class TestIds:
    def test_another_persons_is_as_one_that_never_was(self, route, verb, here, owned, bob):
        stranger = Person("bob")
        never = call(stranger, verb, ROOT + route.format(uuid4()))
        before = rows()
        foreign = call(stranger, verb, at(route, owned))
        assert foreign.status_code == never.status_code == 404
        assert rows() == before

    @pytest.mark.parametrize("text", ["7", "null", "x" * 40, "%00"])
    def test_what_is_no_id_is_404(self, route, verb, text, here):
        assert call(here, verb, ROOT + route.format(text)).status_code == 404


@pytest.mark.parametrize("route", POSTS)
def test_a_form_of_another_site_does_nothing(route, owned):
    browser = Person("ada", enforce_csrf_checks=True)
    url, before = at(route, owned), rows()
    assert browser.post(url, VALID).status_code == 403
    assert rows() == before


@pytest.mark.parametrize("route", [r for r in ROUTES if "post" not in ROUTES[r][1]])
@pytest.mark.parametrize("verb", ["post", "put", "delete", "patch"])
def test_pages_to_look_at_take_no_other_verbs(route, verb, here):
    assert getattr(here, verb)(ROOT + route).status_code == 405


LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"


@pytest.mark.parametrize("name", ["anonymous", "owner"])
def test_a_site_that_wants_everybody_signed_in_gives_the_same_answers(name, settings, here):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_REQUIRED]
    client = here if name == "owner" else Client()
    assert client.get(SESSIONS).status_code == (200 if name == "owner" else 302)


# -- Programs ------------------------------------------------------------------------------

urlpatterns = [
    path("open/", require_scope("sessions:read")(SessionsView.as_view())),
    path("open/<uuid:pk>/end/", require_scope("sessions:read")(EndView.as_view())),
    path("", include((common, "site"))),
    *common,
]


class TestPrograms:
    """A secret opens none of them, not even where a site has opened the view to programs."""

    @pytest.fixture(autouse=True)
    def with_tokens(self, settings):
        place = settings.MIDDLEWARE.index("django.middleware.csrf.CsrfViewMiddleware")
        order = list(settings.MIDDLEWARE)
        order.insert(place, "sessions_hub.tokens.SessionTokenMiddleware")
        settings.MIDDLEWARE = order

    @pytest.fixture
    def program(self, ada) -> Client:
        scopes = ["sessions:read", "sessions:write", "devices:write"]
        issued = start_token_session(ada, [], scopes=scopes, now=timezone.now())
        return Client(headers={"authorization": f"Bearer {issued.secret}"})

    @EACH
    def test_is_a_visitor_who_is_not_signed_in(self, route, verb, program, owned):
        before = rows()
        response = call(program, verb, at(route, owned))
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")
        assert rows() == before

    @pytest.mark.parametrize("verb", ["get", "post"])
    def test_is_refused_where_the_view_was_opened(self, verb, program, ada):
        other = make_session(ada, timezone.now())
        before = rows()[0]
        with override_settings(ROOT_URLCONF=__name__):
            url = f"/open/{other.pk}/end/" if verb == "post" else "/open/"
            response = call(program, verb, url)
        assert response.status_code == 403
        assert "not for programs" in response.content.decode()
        assert rows()[0] == before
