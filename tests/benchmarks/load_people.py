"""Who asks in the load run, and whose sessions end. Imported once Django is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from sessions_hub import tombstones
from sessions_hub.lifecycle.tokens import Issued, start_token_session
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim
from tests.benchmarks.interleave import WorkerError
from tests.benchmarks.jobs import PASSWORD, add_users
from tests.benchmarks.load_check import Victim
from tests.benchmarks.load_server import Server

Headers = Mapping[str, str]


def crowd(size: int, hubs: Sequence[Server]) -> dict[tuple[str, str], list[Headers]]:
    """Credentials of so many users, by what is presented and to whom: the hub, or a plain site.

    They sign in on the servers by turns: the first sign-in of a worker loads what reads
    user agents.
    """
    names = [f"user{i}" for i in range(size)]
    add_users(*names)
    users = [_user(name) for name in names]
    plain = [_tokens().create(user=user).key for user in users]
    cookies = [cookie_of(name, hubs[i % len(hubs)]) for i, name in enumerate(names)]
    return {
        ("token", "hub"): [_bearer(issue(user)) for user in users],
        ("token", "plain"): [_token(key) for key in plain],
        # One store, one key: a site without the hub takes the same ones.
        ("cookie", "hub"): cookies,
        ("cookie", "plain"): cookies,
    }


def victims(count: int, prefix: str, site: str, server: Server) -> list[Victim]:
    """Sessions to end, by turns of a secret and of a cookie, each of another user."""
    made = []
    for number in range(count):
        name = f"{prefix}{number}"
        add_users(name)
        cookie = cookie_of(name, server) if number % 2 else None
        made.append((_of_plain if site == "plain" else _of_hub)(_user(name), cookie))
    return made


def _of_hub(user: Any, cookie: Headers | None) -> Victim:
    """Ended from elsewhere: by another session of the user's."""
    presented = cookie or _bearer(issue(user))
    pk = str(user.hub_sessions.get().pk)
    paths = ("/api/sessions/current/", "/read/")
    return Victim(presented, paths, _bearer(issue(user)), f"/api/sessions/{pk}/", pk)


def _of_plain(user: Any, cookie: Headers | None) -> Victim:
    """Ended by itself: there is no other way."""
    presented = cookie or _token(_tokens().create(user=user).key)
    return Victim(presented, ("/who/", "/read/"), presented, "/out/" if cookie else "/token/")


def issue(user: Any) -> Issued:
    """A session of a program's that may end others."""
    proofs = [MethodClaim(method="password")]
    return start_token_session(user, proofs, scopes=("sessions:write",), now=timezone.now())


def cookie_of(name: str, hub: Server) -> Headers:
    """The cookie of a user who signs in. Raises WorkerError."""
    form = urlencode({"username": name, "password": PASSWORD})
    jar: SimpleCookie = SimpleCookie()
    for text in hub.ask("POST", "/sign-in/", body=form).cookies:
        jar.load(text)
    if (morsel := jar.get(settings.SESSION_COOKIE_NAME)) is None:
        raise WorkerError("A sign-in was answered without a cookie.")
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={morsel.value}"}


def is_cached(victim: Victim) -> bool:
    """Whether the cache has a verdict on the session; True for a secret, which is never cached."""
    if "Cookie" not in victim.presented:
        return True
    kept = tombstones.cache().get(tombstones.key_of(UUID(victim.session_id)))
    return isinstance(kept, str) and kept != tombstones.TOMBSTONE


def ends_stand(ended: list[Victim]) -> bool:
    """Whether the rows of these sessions say that they have ended."""
    ids = [victim.session_id for victim in ended if victim.session_id]
    return not Session.objects.filter(pk__in=ids, ended_at__isnull=True).exists()


def _user(name: str) -> Any:
    return get_user_model()._default_manager.get(username=name)


def _tokens() -> Any:
    return apps.get_model("authtoken.Token")._base_manager


def _token(key: str) -> Headers:
    return {"Authorization": f"Token {key}"}


def _bearer(issued: Issued) -> Headers:
    return {"Authorization": f"Bearer {issued.secret}"}
