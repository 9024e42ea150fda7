"""Signing people in the way a site does, without its forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_backends, login
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from sessions_hub.lifecycle import MethodClaim, start_session
from sessions_hub.middleware import SessionsHubMiddleware
from sessions_hub.models import Device, Session

from .devices import give_cookie
from .user_agents import LAPTOP

View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A test client that is signed in, and the session it is signed in with.

    `session` is the row as it was after the sign-in: call its `refresh_from_db()` to see what
    became of it.
    """

    client: Client
    session: Session


def sign_in(
    user: AbstractBaseUser,
    *,
    client: Client | None = None,
    methods: Sequence[str | MethodClaim] = ("password",),
    device: Device | None = None,
    user_agent: str = LAPTOP,
    address: str = "192.0.2.1",
    session_type: str | None = None,
    lifetime: timedelta | None = None,
    secure: bool = False,
) -> SignedIn:
    """Sign `user` in, as if every one of `methods` had just been proven, one after the other.

    It goes through `login()` and the hub's own middleware, so the session has its proofs,
    level, device, place and limits; receivers of the login signals run. No password is
    asked for. `client` is signed in, by default a new one, and keeps `user_agent` and
    `address` for its further requests; a client that is signed in already proves its
    session again, or changes users, as a browser would. `device` is one of
    `make_device()`, by default a new one, or the one the client is on. `session_type` and
    `lifetime` are those of `start_session()`. With `secure` it is https: pass `secure=True`
    to the client's requests too.

    Raises ValueError for no or unknown methods, a device that is not the user's, and what
    `start_session()` raises, TooManySessions among it.
    """
    if not methods:
        raise ValueError("A sign-in needs at least one method.")
    if device is not None and device.user_id != user.pk:
        raise ValueError("The device is another user's.")
    client = client or Client()
    client.defaults |= {"HTTP_USER_AGENT": user_agent, "REMOTE_ADDR": address}
    if device is not None:
        give_cookie(client, device, secure=secure)
    begun: list[Session] = []

    def begin(request: HttpRequest) -> HttpResponse:
        login(request, cast(Any, user), backend=_backend_of(user))
        begun.append(
            start_session(
                user,
                request=request,
                method=methods[0],
                session_type=session_type,
                lifetime=lifetime,
            )
        )
        return HttpResponse()

    _visit(client, begin, secure=secure)
    for method in methods[1:]:
        _visit(client, _proof_of(user, method), secure=secure)
    begun[0].refresh_from_db()
    return SignedIn(client, begun[0])


asign_in = sync_to_async(sign_in)


def _proof_of(user: AbstractBaseUser, method: str | MethodClaim) -> View:
    def prove(request: HttpRequest) -> HttpResponse:
        start_session(user, request=request, method=method)
        return HttpResponse()

    return prove


def _visit(client: Client, view: View, *, secure: bool) -> None:
    """One request of the client that a view answers behind the three middlewares."""
    requests = RequestFactory()
    requests.defaults, requests.cookies = client.defaults, client.cookies
    request = requests.get("/", secure=secure)
    site = SessionMiddleware(AuthenticationMiddleware(SessionsHubMiddleware(view)))
    response = cast(HttpResponse, site(request))
    # What the middleware answers itself is a refusal: with 503, or with 409.
    if response.status_code != 200:
        raise RuntimeError(f"The hub refused the sign-in: {response.content.decode()}")
    client.cookies.update(response.cookies)


def _backend_of(user: AbstractBaseUser) -> str:
    """The dotted path of the backend the user signs in by."""
    if len(settings.AUTHENTICATION_BACKENDS) == 1:
        return str(settings.AUTHENTICATION_BACKENDS[0])
    given = getattr(user, "backend", None)
    return given or next(
        path
        for path, backend in zip(settings.AUTHENTICATION_BACKENDS, get_backends(), strict=True)
        if hasattr(backend, "get_user")
    )
