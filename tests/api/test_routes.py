"""Every route of one's own rows, and what each kind of visitor is answered (ASVS 8.2.1).

A route that is added here fails until it stands in the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from sessions_hub.api import urls
from sessions_hub.api.devices import DeviceViewSet
from sessions_hub.api.viewsets import SessionViewSet
from sessions_hub.models import Device, Session

from .test_impersonation import acting as acting
from .tokens.conftest import Program, issue

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["issue"]

PROOF = {"password": "right-password"}


@dataclass(frozen=True)
class Route:
    """A call, and its status for: the owner, another user, an impersonator, a bare token.

    `staff` are another user here: their rights hold under `staff/`. Whoever is not
    signed in, or whose session has ended, gets 401.
    """

    verb: str
    path: str
    owner: int
    other: int
    impersonator: int
    bare_token: int
    data: dict[str, object] | None = None


# By the name of the route and the verb.
ROUTES = {
    "session-list get": Route("get", "sessions/", 200, 200, 200, 403),
    "session-list post": Route("post", "sessions/", 201, 201, 403, 403, {}),
    "session-detail get": Route("get", "sessions/{session}/", 200, 404, 200, 403),
    "session-detail patch": Route("patch", "sessions/{session}/", 200, 404, 403, 403, {}),
    "session-detail delete": Route("delete", "sessions/{session}/", 204, 404, 403, 403),
    "session-current get": Route("get", "sessions/current/", 200, 200, 200, 200),
    "session-rotate post": Route("post", "sessions/current/rotate/", 409, 409, 409, 200, {}),
    "session-extend post": Route("post", "sessions/current/extend/", 200, 200, 409, 403, {}),
    "session-step-up post": Route("post", "sessions/current/step-up/", 200, 200, 403, 200, PROOF),
    "session-end-others post": Route("post", "sessions/end-others/", 200, 200, 403, 403, {}),
    "session-end-all post": Route("post", "sessions/end-all/", 200, 200, 403, 403, {}),
    "session-devices get": Route("get", "sessions/{session}/devices/", 200, 404, 200, 403),
    "session-authentication-methods get": Route(
        "get", "sessions/{session}/authentication-methods/", 200, 404, 200, 403
    ),
    # Off unless the site opens it.
    "session-provider-tokens post": Route(
        "post", "sessions/{session}/provider-tokens/", 403, 404, 403, 403, {}
    ),
    "device-list get": Route("get", "devices/", 200, 200, 200, 403),
    "device-detail get": Route("get", "devices/{device}/", 200, 404, 200, 403),
    "device-detail patch": Route("patch", "devices/{device}/", 200, 404, 403, 403, {}),
    "device-detail delete": Route("delete", "devices/{device}/", 204, 404, 403, 403),
}
EACH = pytest.mark.parametrize("name", ROUTES)


@pytest.fixture
def call(ada, other_session):
    """Call a route about a session of ada's, and its device."""
    session = other_session(ada)
    device = Device.objects.get(session_devices__session=session)

    def call(client, route: Route) -> int:
        path = "/api/" + route.path.format(session=session.pk, device=device.pk)
        if isinstance(client, Program):
            return client.call(route.verb, path, route.data).status_code
        if route.data is None:
            return getattr(client, route.verb)(path).status_code
        send = getattr(client, route.verb)
        return send(path, route.data, content_type="application/json").status_code

    return call


def shorten(client) -> None:
    """Let a session be one that can be extended."""
    soon = timezone.now() + timedelta(hours=1)
    Session.objects.filter(pk=client.session_id).update(expires_at=soon, idle_expires_at=soon)


def test_every_route_is_declared():
    own = {SessionViewSet, DeviceViewSet}
    found = {
        f"{pattern.name} {verb}"
        for pattern in urls.urlpatterns
        if getattr(pattern.callback, "cls", None) in own
        for verb in set(pattern.callback.actions) - {"head"}
    }
    assert found == set(ROUTES)


@EACH
def test_a_visitor_is_not_signed_in(name, call):
    # Signing in is a visitor's to do: with nothing given, that is an error of the body.
    expected = 400 if name == "session-list post" else 401
    assert call(Client(), ROUTES[name]) == expected


@EACH
def test_an_ended_session_opens_nothing(name, call, browser):
    Session.objects.filter(pk=browser.session_id).end("revoked_by_staff")
    expected = 400 if name == "session-list post" else 401
    assert call(browser, ROUTES[name]) == expected


@EACH
def test_the_owner(name, call, browser):
    shorten(browser)
    assert call(browser, ROUTES[name]) == ROUTES[name].owner


@EACH
@pytest.mark.parametrize("is_staff", [False, True])
def test_another_user_and_staff(name, is_staff, call, bob, sign_in):
    if is_staff:
        bob.is_staff = True
        bob.save()
        bob.user_permissions.set(Permission.objects.filter(content_type__app_label="sessions_hub"))
    client = sign_in(bob)
    shorten(client)
    assert call(client, ROUTES[name]) == ROUTES[name].other


@EACH
def test_whoever_acts_as_the_user(name, call, acting):
    assert call(acting, ROUTES[name]) == ROUTES[name].impersonator


@EACH
def test_a_token_without_scopes(name, call, issue):
    assert call(Program(issue().secret), ROUTES[name]) == ROUTES[name].bare_token
