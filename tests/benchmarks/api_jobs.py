"""What a worker does for api.py. Imported once Django is set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from sessions_hub.capture import ClientSnapshot
from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.tokens import start_token_session
from sessions_hub.understanding.methods import MethodClaim
from tests.benchmarks.api_views import PAGE
from tests.benchmarks.browser import ADDRESS, HEADERS, Visit, WsgiBrowser
from tests.benchmarks.jobs import POOL, Visits, add_users, analyze, checked, sign_in
from tests.benchmarks.variants import Variant

# Django's, of a form and of its cookie: 32 letters, the same in both.
_CSRF = "c" * 32
_HUB = "/api/sessions"


class Api(Visits):
    """Requests of a program, by what it presents.

    - read: a view that reads the user
    - list: a page of 101 sessions
    - whoami: the session, or the user where there is no such thing
    - introspect: whether somebody's token is good
    - introspect_signed: … a signed one
    - tokenize: a signed token of whoever asks
    """

    def __init__(self, one: Variant) -> None:
        super().__init__()
        add_users("ada", "grace")
        ada = get_user_model()._default_manager.get(username="ada")
        # Who may ask about the tokens of others.
        ada.is_staff = True
        ada.save()
        may_see = Permission.objects.filter(codename="view_session")
        ada.user_permissions.add(may_see.get(content_type__app_label="sessions_hub"))
        as_seen = ClientSnapshot(address=ADDRESS, user_agent=HEADERS["user-agent"], hints={})
        credential = _PRESENTED[one.key](self.wsgi, ada)
        while ada.hub_sessions.count() < PAGE:
            start_session(ada, method="password", snapshot=as_seen)
        analyze()
        visits = _hub_visits() if one.judged else _plain_visits(one.key)
        self.rows = {row: [presenting(visit, credential)] * POOL for row, visit in visits.items()}
        for row, (visit, *_rest) in self.rows.items():
            says(visit, _SAID.get(row, ()))
            checked(self.wsgi.visit([visit] * 20))

    def restore(self, row: str) -> None:
        pass


def presenting(visit: Visit, credential: Visit) -> Visit:
    """A visit with another one's cookies and headers."""
    return replace(visit, cookies=credential.cookies, more=credential.more)


# What an answer has to say, so that no refusal is timed.
_SAID: Mapping[str, tuple[str, ...]] = {
    "read": ('"ada"',),
    "list": ('"results"', HEADERS["user-agent"]),
    "whoami": ('"ada"',),
    "introspect": ('"active":true',),
    "tokenize": ('":"ey',),
}


def says(visit: Visit, expected: tuple[str, ...]) -> str:
    """The text of the answer to a visit. Raises RuntimeError unless it is as expected."""
    client = Client(headers={**visit.headers}, enforce_csrf_checks=True)
    client.cookies.load(dict(visit.cookies or {}))
    kind = "application/x-www-form-urlencoded"
    path = f"{visit.path}?{visit.query}"
    answer = client.get(path) if visit.body is None else client.post(path, visit.body, kind)
    text = answer.content.decode()
    if answer.status_code != 200 or not all(part in text for part in expected):
        raise RuntimeError(f"{visit.path} answered {answer.status_code}: {text[:200]}")
    return text


# -- What is presented -------------------------------------------------------------------


def _cookie(wsgi: WsgiBrowser, user: Any) -> Visit:
    cookies = checked(wsgi.visit([sign_in(user.username)]))[0].cookies
    return Visit("", {**cookies, "csrftoken": _CSRF}, more={"x-csrftoken": _CSRF})


def _drf_token(wsgi: WsgiBrowser, user: Any) -> Visit:
    return _header(f"Token {_token_of(user)}")


def _knox(wsgi: WsgiBrowser, user: Any) -> Visit:
    from knox.models import AuthToken

    return _header(f"Token {AuthToken.objects.create(user)[1]}")


def _jwt(wsgi: WsgiBrowser, user: Any) -> Visit:
    from rest_framework_simplejwt.tokens import AccessToken

    token = AccessToken.for_user(user)
    # What a stateless user can say of itself.
    token["username"] = user.username
    # As long as the whole run, however busy the machine.
    token.set_exp(lifetime=timedelta(days=1))
    return _header(f"Bearer {token}")


def _secret(wsgi: WsgiBrowser, user: Any) -> Visit:
    return _header(f"Bearer {_hub_secret(user)}")


def _header(authorization: str) -> Visit:
    return Visit("", more={"authorization": authorization})


_PRESENTED: Mapping[str, Callable[[WsgiBrowser, Any], Visit]] = {
    "django": _cookie,
    "control": _cookie,
    "token": _drf_token,
    "knox": _knox,
    "jwt": _jwt,
    "stateless": _jwt,
    "hub": _secret,
    "cookie": _cookie,
    "engine": _cookie,
}


def _token_of(user: Any) -> str:
    made: Any = apps.get_model("authtoken.Token")._base_manager.get_or_create(user=user)
    return str(made[0].key)


def _hub_secret(user: Any) -> str:
    issued = start_token_session(
        user,
        [MethodClaim(method="password")],
        snapshot=ClientSnapshot(address=ADDRESS, user_agent=HEADERS["user-agent"], hints={}),
        scopes=("sessions:read", "introspect"),
        now=timezone.now(),
    )
    return issued.secret


# -- What is asked -----------------------------------------------------------------------


def _form(**values: str) -> bytes:
    return urlencode(values).encode()


def _plain_visits(key: str) -> dict[str, Visit]:
    grace: Any = get_user_model()._default_manager.get(username="grace")
    visits = {"read": Visit("/read/"), "whoami": Visit("/who/"), "list": Visit("/sessions/")}
    visits["introspect"] = Visit("/introspect/", body=_form(token=_token_of(grace)))
    visits["tokenize"] = Visit("/tokenize/")
    visits["introspect_signed"] = visits["introspect"]
    if key == "jwt":
        from rest_framework_simplejwt.tokens import RefreshToken

        refresh = RefreshToken.for_user(grace)
        visits["tokenize"] = Visit("/jwt/refresh/", body=_form(refresh=str(refresh)))
        visits["introspect_signed"] = Visit("/jwt/verify/", body=_form(token=str(refresh)))
    if key == "stateless":
        # The user it knows is no row.
        visits = {"read": visits["read"]}
    return visits


def _hub_visits() -> dict[str, Visit]:
    from sessions_hub.credentials.jwt import tokenize

    grace: Any = get_user_model()._default_manager.get(username="grace")
    secret = _hub_secret(grace)
    signed = tokenize(grace.hub_sessions.get(), "orders", now=timezone.now())
    return {
        "read": Visit("/read/"),
        "whoami": Visit(f"{_HUB}/current/"),
        "list": Visit(f"{_HUB}/", query=f"page_size={PAGE}"),
        "introspect": Visit("/api/introspect/", body=_form(token=secret)),
        "introspect_signed": Visit("/api/introspect/", body=_form(token=signed)),
        "tokenize": Visit(f"{_HUB}/current/", query="tokenize_as=orders&fields=id"),
    }
