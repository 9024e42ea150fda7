"""Sessions of programs: started with a secret, rotated, and never worth more than what
they were started with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from sessions_hub import events
from sessions_hub.capture import ClientSnapshot
from sessions_hub.credentials.secrets import hint_of, new_secret
from sessions_hub.models import Session, SessionToken, SessionType
from sessions_hub.models.validity import within_limits
from sessions_hub.understanding.methods import MethodClaim

from . import link
from .bearer import Bearer
from .digests import TOKEN, digest, key_id
from .exceptions import TokenNotRotated
from .guard import bounded_write, database
from .inserts import insert
from .policy import LONGEST
from .program import sight_program
from .sighting import Sighting, sight
from .start import begin
from .state import state_of

# Replaced secrets of a session are remembered, to notice their reuse: so many of them, and
# all that were replaced within so long. By number alone, whoever has copied one could rotate
# until its owner's is forgotten.
REMEMBERED = 100
MEMORY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Issued:
    """A session of a program, and its secret: the only time it is known."""

    session: Session
    secret: str = field(repr=False)


def start_token_session(
    user: AbstractBaseUser,
    claims: Sequence[MethodClaim],
    *,
    request: HttpRequest | None = None,
    snapshot: ClientSnapshot | None = None,
    session_type: str = SessionType.REGULAR_LOGIN,
    name: str = "",
    scopes: Iterable[str] = (),
    audience: str = "",
    lifetime: timedelta | None = None,
    now: datetime,
) -> Issued:
    """Start a session that is presented by a secret, and return both.

    `claims` are the proofs it rests on. `request` is the one that asks, whose client is
    the session's; `snapshot` that of an end user for whom somebody else asks. `lifetime`
    is SESSION_COOKIE_AGE by default, and is cut to what the type and level allow.

    Raises ValueError for a lifetime that is none, TooManySessions where
    SESSIONS_HUB_MAX_SESSIONS refuses it, and django.db.Error: nothing is stored then.
    """
    if lifetime is not None and not timedelta(0) < lifetime <= LONGEST:
        raise ValueError(f"A session lasts more than nothing and at most 400 days: {lifetime!r}.")
    alias = database()
    with bounded_write(alias):
        session = begin(
            user,
            claims,
            _sighting(request, snapshot),
            session_type=session_type,
            age=lifetime or link.age_of(settings.SESSION_COOKIE_AGE),
            now=now,
            request=request,
            credentials=link.auth_hash_of(user),
            name=name,
            scopes=sorted(set(scopes)),
            audience=audience,
        )
        secret = _add_secret(session.pk, now, alias)
    return Issued(session, secret)


astart_token_session = sync_to_async(start_token_session)


@sensitive_variables("secret")
def rotate_token(bearer: Bearer, *, now: datetime) -> str:
    """Replace the secret a request has presented; return the new one.

    Of many at once exactly one succeeds. The session stays, with its limits and its
    level. Raises TokenNotRotated when another secret has taken its place already or the
    session has ended, and django.db.Error: the old secret stays good then.
    """
    alias = database()
    with bounded_write(alias):
        session = locked_session(bearer, now, alias)
        secret = replace_secret(bearer, now, alias)
        Session.objects.using(alias).filter(pk=session.pk).update(updated_at=now)
        events.emit_on_commit(events.TOKEN_ROTATED, alias, session_id=bearer.session_id)
    return secret


@sensitive_variables("secret")
def replace_secret(bearer: Bearer, now: datetime, alias: str) -> str:
    """Put a new secret in the place of the one presented; the session's row is to be locked.

    Raises TokenNotRotated when another one has taken its place already.
    """
    tokens = SessionToken.objects.using(alias)
    mine = tokens.filter(pk=bearer.token_id, replaced_at__isnull=True)
    if not mine.update(replaced_at=now):
        raise TokenNotRotated("This secret has been replaced already.")
    secret = _add_secret(bearer.session_id, now, alias)
    _forget_oldest(bearer.session_id, now, alias)
    return secret


def locked_session(bearer: Bearer, now: datetime, alias: str) -> Session:
    """The live session of a token, locked; TokenNotRotated when it has ended.

    The session before its secrets: an end and a rotation wait for each other, not past
    each other.
    """
    live = Session.objects.using(alias).filter(
        within_limits(now), pk=bearer.session_id, ended_at__isnull=True
    )
    no_key = connections[alias].features.has_select_for_no_key_update
    if (session := live.select_for_update(no_key=no_key).first()) is None:
        raise TokenNotRotated("The session has ended.")
    return session


@sensitive_variables("secret")
def _add_secret(session_id: UUID, now: datetime, alias: str) -> str:
    secret = new_secret()
    token = SessionToken(
        session_id=session_id,
        digest=digest(TOKEN, secret),
        key_id=key_id(),
        hint=hint_of(secret),
        created_at=now,
    )
    insert(token, alias)
    return secret


def _forget_oldest(session_id: UUID, now: datetime, alias: str) -> None:
    replaced = SessionToken.objects.using(alias).filter(
        session_id=session_id, replaced_at__isnull=False
    )
    beyond = replaced.order_by("-pk").values_list("pk", flat=True)[REMEMBERED : REMEMBERED + 1]
    for newest in list(beyond):
        replaced.filter(pk__lte=newest, replaced_at__lt=now - MEMORY).delete()


def _sighting(request: HttpRequest | None, snapshot: ClientSnapshot | None) -> Sighting:
    if request is None or snapshot is not None:
        return sight(None, snapshot)
    state = state_of(request)
    if state.bearer is None and state.session_id is not None:
        # Made in a browser: on the device that its cookie names, not on a further one.
        return sight(request)
    return sight_program(request)
