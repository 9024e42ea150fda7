"""Who is answered what on each route for staff. A route that is not in the table fails."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from sessions_hub.api.staff.urls import router
from sessions_hub.models import Session

from .conftest import ALL, SESSIONS, STAFF, make_staff, post, token_of

pytestmark = pytest.mark.django_db(databases="__all__")

# Route → verb, path, body, the permission it takes, its answer, its answer to a token.
ROUTES = {
    "list": ("get", SESSIONS, None, "view_session", 200, 200),
    "retrieve": ("get", SESSIONS + "{session}/", None, "view_session", 200, 200),
    "extend": ("post", SESSIONS + "{session}/extend/", {}, "change_session", 200, 200),
    "destroy": ("delete", SESSIONS + "{session}/", None, "end_session", 204, 204),
    "create": ("post", SESSIONS, {"user": "{user}"}, "add_session", 201, 201),
    "end": ("post", SESSIONS + "end/", {"user": "{user}"}, "end_session", 200, 200),
    "devices": ("get", f"{STAFF}devices/", None, "view_device", 200, 200),
    "methods": (
        "get",
        f"{STAFF}authentication-methods/",
        None,
        "view_authenticationmethod",
        200,
        200,
    ),
    # Changes sides in a browser: no token can.
    "impersonate": (
        "post",
        STAFF + "users/{user}/impersonate/",
        {"reason": "ticket 7"},
        "impersonate_user",
        201,
        403,
    ),
}


@pytest.fixture
def world(ada, sign_in, other_session):
    """Everybody who may ask, by name, and what they ask for."""
    session = other_session(ada)
    Session.objects.filter(pk=session.pk).update(
        expires_at=session.issued_at.replace(microsecond=0)
        + (session.expires_at - session.issued_at) / 2
    )

    def fill(text):
        return text.format(session=session.pk, user=ada.pk)

    class World:
        user, target = ada, session

        def ask(self, client, route):
            verb, path, body, *_ = ROUTES[route]
            if verb == "post":
                return post(client, fill(path), {k: fill(v) for k, v in body.items()})
            call = client.call if hasattr(client, "call") else None
            return call(verb, fill(path)) if call else getattr(client, verb)(fill(path))

        def asker(self, who, route):
            permission = ROUTES[route][3]
            match who:
                case "anonymous":
                    return Client()
                case "user":
                    # With the permission, and no member of staff.
                    return sign_in(make_staff("eve", permission, is_staff=False))
                case "staff without permission":
                    return sign_in(make_staff("carl", *(set(ALL) - {permission})))
                case "staff with permission":
                    return sign_in(make_staff("grace", permission))
                case "superuser":
                    return sign_in(make_staff("root", is_superuser=True))
                case "impersonator":
                    return self.impersonator()
                case "token without scope":
                    return token_of(make_staff("grace", permission), "sessions:write")
                case "token with scope":
                    return token_of(make_staff("grace", permission), "staff")
                case "token of staff without permission":
                    return token_of(make_staff("carl", *(set(ALL) - {permission})), "staff")
                case "token of no staff":
                    return token_of(make_staff("eve", permission, is_staff=False), "staff")

        def impersonator(self):
            client = sign_in(make_staff("root", is_superuser=True))
            target = make_staff("grace", *ALL)
            answer = post(client, f"{STAFF}users/{target.pk}/impersonate/", {"reason": "ticket 7"})
            assert answer.status_code == 201
            return client

    return World()


REFUSED = {
    "anonymous": (401, "not_authenticated"),
    "user": (403, "permission_denied"),
    "staff without permission": (403, "permission_denied"),
    "impersonator": (403, "impersonation"),
    "token of staff without permission": (403, "permission_denied"),
    "token of no staff": (403, "permission_denied"),
}


def test_every_route_stands_in_the_table():
    actions = {
        (view.__name__, name)
        for _prefix, view, _basename in router.registry
        for name in view.required_permissions
    }
    routed = {
        (callback.cls.__name__, name)
        for url in router.urls
        for callback in [url.callback]
        for name in callback.actions.values()
    }
    assert routed == actions
    assert len(routed) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("who", REFUSED)
def test_is_refused(who, route, world):
    client = world.asker(who, route)
    before = list(Session.objects.order_by("pk").values("pk", "ended_at", "expires_at"))
    response = world.ask(client, route)
    assert (response.status_code, response.json()["code"]) == REFUSED[who]
    assert list(Session.objects.order_by("pk").values("pk", "ended_at", "expires_at")) == before


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("who", ["staff with permission", "superuser"])
def test_is_answered(who, route, world):
    assert world.ask(world.asker(who, route), route).status_code == ROUTES[route][4]


@pytest.mark.parametrize("route", ROUTES)
def test_a_token_needs_the_scope(route, world):
    response = world.ask(world.asker("token without scope", route), route)
    expected = "permission_denied" if route == "impersonate" else "insufficient_scope"
    assert (response.status_code, response.json()["code"]) == (403, expected)


@pytest.mark.parametrize("route", ROUTES)
def test_a_token_with_the_scope_may_what_its_user_may(route, world):
    assert world.ask(world.asker("token with scope", route), route).status_code == ROUTES[route][5]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("get", SESSIONS + "{id}/"),
        ("delete", SESSIONS + "{id}/"),
        ("post", SESSIONS + "{id}/extend/"),
        ("post", STAFF + "users/{id}/impersonate/"),
    ],
)
def test_unknown_and_malformed_ids_get_the_same_bytes(verb, path, desk):
    def answer(key):
        response = getattr(desk, verb)(
            path.format(id=key),
            **({"data": {}, "content_type": "application/json"} if verb == "post" else {}),
        )
        return response.status_code, response.content

    unknown = answer(uuid.uuid4())
    assert unknown[0] == 404
    for malformed in ["no", "a.b", "%00", "0" * 300, "9" * 30, "é"]:
        assert answer(malformed) == unknown, malformed


def test_who_lacks_the_permission_learns_nothing_of_an_id(ada, sign_in, other_session):
    carl = sign_in(make_staff("carl", "view_device"))
    known, unknown = other_session(ada).pk, uuid.uuid4()
    answers = [carl.get(f"{SESSIONS}{key}/") for key in (known, unknown)]
    assert answers[0].content == answers[1].content
    assert {one.status_code for one in answers} == {403}


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("put", SESSIONS),
        ("patch", SESSIONS),
        ("get", f"{SESSIONS}end/x/"),
        ("post", f"{STAFF}devices/"),
    ],
)
def test_what_a_route_does_not_do_is_405_or_404(verb, path, desk):
    assert getattr(desk, verb)(path).status_code in {404, 405}


def test_writes_by_cookie_are_csrf_protected(ada, grace, sign_in, other_session):
    client, session = sign_in(grace, enforce_csrf_checks=True), other_session(ada)
    for verb, path in [
        ("post", SESSIONS),
        ("post", f"{SESSIONS}end/"),
        ("post", f"{SESSIONS}{session.pk}/extend/"),
        ("delete", f"{SESSIONS}{session.pk}/"),
        ("post", f"{STAFF}users/{ada.pk}/impersonate/"),
    ]:
        response = getattr(client, verb)(path)
        assert (response.status_code, response.json()["code"]) == (403, "csrf_failed"), path
    session.refresh_from_db()
    assert session.is_active()


def test_a_refusal_is_logged_with_who_was_refused_what(sign_in, caplog):
    caplog.set_level("WARNING", "sessions_hub")
    carl = make_staff("carl")
    sign_in(carl).post(f"{SESSIONS}end/", {}, content_type="application/json")
    (event,) = [one for one in caplog.records if one.getMessage().startswith("staff_denied")]
    assert (event.actor_id, event.action, event.code) == (str(carl.pk), "end", "permission_denied")
    assert event.address == "127.0.0.1"


def test_nothing_is_written_by_a_read(ada, desk, other_session):
    session = other_session(ada)
    desk.get(SESSIONS)
    before = list(Session.objects.order_by("pk").values())
    for path in (SESSIONS, f"{SESSIONS}{session.pk}/", f"{STAFF}devices/"):
        assert desk.get(path).status_code == 200
    assert list(Session.objects.order_by("pk").values()) == before
    assert get_user_model()._default_manager.filter(pk=ada.pk).exists()
