"""The impersonator's own session, kept in the data of the Django session that acts as
another user: what it takes to go back, and nothing else of theirs.

Held under a key of our own, where only the server (or its signature) can put it, and
good once: the row's `generation` counts each way out and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from . import link, proofs

HELD_KEY = "_sessions_hub_suspended"
# Set by set_expiry() in the impersonator's own session.
_EXPIRY_KEY = "_session_expiry"


class Suspended(NamedTuple):
    """Whose session waits behind which impersonation."""

    impersonation_id: UUID
    session_id: UUID
    generation: int
    backend: str
    factors: tuple[str, ...] = ()
    # What packages have noted of the impersonator's own proofs, and their expiry.
    data: dict[str, Any] = {}


def read(session: SessionBase | None) -> Suspended | None:
    """What waits behind the impersonation a Django session is in; None in any other.

    Leaves `accessed` as it was, and believes it only beside the marker it was
    written for.
    """
    if session is None:
        return None
    with _unnoticed(session):
        held = _parse(session.get(HELD_KEY))
        if held is None:
            return None
        tie = link.read(session)
    if tie is None or tie.marker is None or tie.marker.session_id != held.impersonation_id:
        return None
    return held


def is_noted(session: SessionBase) -> bool:
    """Whether the session was an impersonation's, whatever has become of its marker."""
    with _unnoticed(session):
        return HELD_KEY in session


def write(session: SessionBase, held: Suspended) -> None:
    """Keep it in the Django session of the impersonation."""
    session[HELD_KEY] = {
        "of": str(held.impersonation_id),
        "id": str(held.session_id),
        "generation": held.generation,
        "backend": held.backend,
        "factors": list(held.factors),
        "data": held.data,
    }


def data_to_keep(session: SessionBase) -> dict[str, Any]:
    """What of the impersonator's own Django session is given back to it."""
    keys = (*proofs.KEYS, _EXPIRY_KEY)
    return {key: value for key in keys if (value := session.get(key)) is not None}


def clear_all_but_sign_in(session: SessionBase) -> None:
    """Take everything out that is not of the sign-in that has just happened."""
    kept = {SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY, *proofs.KEYS}
    for key in set(session.keys()) - kept:
        del session[key]


@contextmanager
def _unnoticed(session: SessionBase) -> Iterator[None]:
    accessed = session.accessed
    try:
        yield
    finally:
        session.accessed = accessed


def _parse(value: Any) -> Suspended | None:
    if value is None:
        return None
    try:
        return Suspended(
            impersonation_id=UUID(value["of"]),
            session_id=UUID(value["id"]),
            generation=int(value["generation"]),
            backend=str(value["backend"]),
            factors=tuple(str(key) for key in value["factors"]),
            data=dict(value["data"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        # Somebody else's data under our name leads nowhere.
        return None
