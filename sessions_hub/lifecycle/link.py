"""The tie between Django's session and ours: a marker inside the session's data.

Never `session_key`: it is None when one user signs in over another, changes
without a signal when a password changes, and is the whole payload under
signed_cookies. The marker survives `cycle_key()` and dies with `flush()`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.signed_cookies import SessionStore as SignedCookieStore

MARKER_KEY = "_sessions_hub"
_LONGEST_AGE = timedelta(days=36500).total_seconds()


# Named tuples: made several times per request, and cheaper than frozen dataclasses.
class Marker(NamedTuple):
    """What the hub keeps in the Django session: which row, and what it has recorded."""

    session_id: UUID
    generation: int = 0
    factors: tuple[str, ...] = ()


class Link(NamedTuple):
    """A signed-in Django session, as far as the hub needs it."""

    user_id: str
    auth_hash: str
    backend: str
    marker: Marker | None = None


def read(session: SessionBase) -> Link | None:
    """The link in a session; None when nobody is signed in.

    Leaves `accessed` as it was: looking for the marker must not make a page vary
    by cookie.
    """
    accessed = session.accessed
    try:
        user_id = session.get(SESSION_KEY)
        if user_id is None:
            return None
        return Link(
            user_id=str(user_id),
            auth_hash=str(session.get(HASH_SESSION_KEY, "")),
            backend=str(session.get(BACKEND_SESSION_KEY, "")),
            marker=_marker(session.get(MARKER_KEY)),
        )
    finally:
        session.accessed = accessed


def unlooked(session: SessionBase, presented: str | None) -> SessionBase:
    """A store as it was before anybody looked, once `session` has found nothing good stored.

    Whoever looks next finds the same, and asks nobody once more.
    """
    fresh = type(session)(presented)
    key, modified, data = session.session_key, session.modified, dict(session._session)  # type: ignore[attr-defined]

    def load() -> dict[str, Any]:
        fresh._session_key = key
        fresh.modified = fresh.modified or modified
        return dict(data)

    async def aload() -> dict[str, Any]:
        return load()

    fresh.load, fresh.aload = load, aload  # type: ignore[method-assign]
    return fresh


def session_id_in(data: Mapping[str, Any]) -> UUID | None:
    """The session named by the marker in session data; None where none is named."""
    marker = _marker(data.get(MARKER_KEY))
    return marker.session_id if marker is not None and marker.session_id.int else None


def write(session: SessionBase, marker: Marker) -> None:
    """Put the marker into the session, which is saved with the response."""
    session[MARKER_KEY] = {
        "id": str(marker.session_id),
        "generation": marker.generation,
        "factors": list(marker.factors),
    }


def with_factors(marker: Marker, keys: list[str]) -> Marker:
    """The marker with more factors noted as recorded."""
    return marker._replace(factors=tuple(dict.fromkeys((*marker.factors, *keys))))


def without_factors(marker: Marker, keys: Collection[str]) -> Marker:
    """The marker with some factors forgotten: proven once more, they are recorded once more."""
    return marker._replace(factors=tuple(key for key in marker.factors if key not in keys))


def user_id_of(user: AbstractBaseUser) -> str:
    """A user's key as Django writes it into the session."""
    return str(user._meta.pk.value_to_string(user))


def auth_hash_of(user: Any) -> str:
    """The hash Django compares a session with; empty for a user model without one."""
    get_hash = getattr(user, "get_session_auth_hash", None)
    return "" if get_hash is None else str(get_hash())


def drop_sign_in(session: SessionBase) -> None:
    """Take the sign-in out of the session and leave the rest."""
    for key in (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY, MARKER_KEY):
        session.pop(key, None)


def give_back(session: SessionBase, presented: str | None) -> None:
    """Store an anonymous session again under the key its client presents.

    `login()` has moved it to a new key, which an answer of 5xx tells nobody: a
    refused sign-in would cost the visitor the cart, or the form's CSRF token.
    """
    moved_to = session.session_key
    if not presented or moved_to in (None, presented) or is_replayable(session):
        return
    session._session_key = presented
    session.save(must_create=True)
    session.delete(moved_to)


def cycle_key(session: SessionBase) -> None:
    """Move the session to a new key; on failure it keeps the one it has.

    Django leaves it with a key nothing is stored under, and answers 400 when it comes
    to saving it. Raises what the store raises.
    """
    before = session.session_key
    try:
        session.cycle_key()
    except Exception:
        session._session_key = before
        raise


def age(session: SessionBase) -> timedelta:
    """How long Django keeps the session from now on, as `set_expiry()` left it."""
    accessed = session.accessed
    seconds = session.get_expiry_age()
    session.accessed = accessed
    return age_of(seconds)


def age_of(seconds: float) -> timedelta:
    """A cookie age as Python can compute with it: more days than fit are legal."""
    return timedelta(seconds=max(0, min(seconds, _LONGEST_AGE)))


def is_replayable(session: SessionBase) -> bool:
    """Whether the client holds the data itself, so that an older copy can come back."""
    return isinstance(session, SignedCookieStore)


def _marker(value: Any) -> Marker | None:
    if value is None:
        return None
    try:
        return Marker(
            session_id=UUID(value["id"]),
            generation=int(value["generation"]),
            factors=tuple(str(key) for key in value["factors"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        # Somebody else's data under our name names no row: it is refused like one.
        return Marker(session_id=UUID(int=0))
