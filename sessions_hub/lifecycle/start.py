"""Starting a session, and proving the same one again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections, transaction
from django.http import HttpRequest
from django.utils import timezone

from sessions_hub import events, signals, telemetry, tombstones
from sessions_hub.capture import ClientSnapshot
from sessions_hub.models import Method, Session, SessionType
from sessions_hub.models.validity import within_limits
from sessions_hub.understanding.methods import MethodClaim

from . import kinds, link, others, proofs, suspended
from .current import attach
from .devices import Recognised
from .digests import CREDENTIALS, digest
from .exceptions import NotSignedIn
from .guard import bounded_write, database, write_again
from .impersonated import end_replaced
from .policy import LONGEST
from .reprove import note_proof, type_with, values_with
from .rows import insert_row, store_endpoint
from .sighting import Sighting, sight
from .state import RequestState, plain_request, state_of
from .swapped import state_of_session
from .tenants import Place, place_at_sign_in


def start_session(
    user: AbstractBaseUser,
    *,
    request: HttpRequest | None = None,
    method: str | MethodClaim | None = None,
    session_type: str | None = None,
    snapshot: ClientSnapshot | None = None,
    lifetime: timedelta | None = None,
    now: datetime | None = None,
) -> Session:
    """Record that `user` has signed in, and return the session.

    With a request, the request must be signed in as that user
    (`django.contrib.auth.login()` has run; the login receiver calls this itself):
    the session is tied to Django's. The same user signing in again in the same
    session proves it again; another user's session in the same browser ends as
    `replaced`. Without a request the row stands alone, for a program.

    `method` is one of `Method`, or a MethodClaim that says more of the proof, such as
    a provider's verified `acr` or a passkey's flags; by default the authentication
    backend tells.
    `session_type` is one of `SessionType`; by default SESSIONS_HUB_SESSION_TYPE or
    the proofs tell, and it is REGULAR_LOGIN without a request. `snapshot`
    describes the client where the request is not its own. `lifetime` (at most 400
    days, and cut to what the type allows) becomes that of the Django session too,
    and defaults to it. A call that follows `login()` in the same request says more
    of that sign-in and makes no second one.

    Raises NotSignedIn when the request is not signed in as `user`, ValueError for
    an unknown method or type (or an impersonation's, with a request) or a lifetime
    that is none, TooManySessions where SESSIONS_HUB_MAX_SESSIONS refuses it, and
    django.db.Error when the row cannot be stored: nothing is stored then.
    """
    now = now or timezone.now()
    if lifetime is not None and not timedelta(0) < lifetime <= LONGEST:
        raise ValueError(f"A session lasts more than nothing and at most 400 days: {lifetime!r}.")
    request = plain_request(request)
    claims = None if method is None else [claim_of(method)]
    kind = SessionType(session_type) if session_type is not None else None
    if request is None:
        return begin(
            user,
            claims or [MethodClaim(method=Method.UNKNOWN)],
            sight(None, snapshot),
            session_type=kind or SessionType.REGULAR_LOGIN,
            age=lifetime or link.age_of(settings.SESSION_COOKIE_AGE),
            now=now,
        )
    if kind is SessionType.IMPERSONATION:
        raise ValueError("An impersonation begins with start_impersonation().")
    django_session: SessionBase = request.session
    tie = link.read(django_session)
    if tie is None or tie.user_id != link.user_id_of(user):
        raise NotSignedIn(
            "The request is not signed in as this user. Call django.contrib.auth.login() first."
        )
    state = state_of_session(request)
    if (held := suspended.read(django_session)) is not None:
        # The user somebody has been acting as signs in: a session of their own begins,
        # with nothing of the impersonation in it.
        suspended.clear_all_but_sign_in(django_session)
        _rotate(state, django_session)
        state.suspended, state.session_id = held, held.impersonation_id
        tie = tie._replace(marker=None)
    if claims is not None and kind is None and state.started:
        # A better account of the sign-in that login() has just recorded.
        kind = kinds.type_after_correction(request, user, claims, state.proven)
    claims = claims or proofs.as_answered(
        kinds.claims_of_sign_in(request, django_session, tie), state.answer
    )
    if lifetime is not None:
        django_session.set_expiry(lifetime)
    age = link.age(django_session)
    if tie.marker is not None:
        session = _prove_again(request, user, tie, tie.marker, claims, kind, age, now)
        if session is not None:
            return session
        # Over the marker of a session that has ended: its key must not be the new one's.
        _rotate(state, django_session)
    session = begin(
        user,
        claims,
        sight(request, snapshot),
        session_type=kind or kinds.type_of_sign_in(request, user, claims),
        age=age,
        now=now,
        request=request,
        state=state,
        credentials=tie.auth_hash,
    )
    marker = link.Marker(session.pk)
    link.write(django_session, link.with_factors(marker, [c.key for c in claims if c.key]))
    state.started = True
    state.suspended = state.own = None
    _note(request, state, session, claims)
    return session


def claim_of(method: str | MethodClaim) -> MethodClaim:
    """The claim that is meant; ValueError for a method nobody knows."""
    claim = method if isinstance(method, MethodClaim) else MethodClaim(method=method)
    return replace(claim, method=Method(claim.method).value)


astart_session = sync_to_async(start_session)


def begin(
    user: Any,
    claims: Sequence[MethodClaim],
    sighting: Sighting,
    *,
    session_type: str,
    age: timedelta,
    now: datetime,
    request: HttpRequest | None = None,
    state: RequestState | None = None,
    credentials: str = "",
    **values: Any,
) -> Session:
    """Store a new session with its proofs, its client and what it does to others.

    `state` is that of a request whose Django session it is tied to. `values` are further
    columns. Raises TooManySessions and django.db.Error: nothing is stored then.
    """
    alias = database()
    replaced = state.session_id if state is not None else None
    connection = connections[alias]
    nested = connection.in_atomic_block
    is_crowded = others.concerns_others(session_type)
    place = Place() if request is None else place_at_sign_in(request, user, alias)

    def store() -> tuple[Session, Recognised | None]:
        # InnoDB's foreign keys share a lock on the user, which Django's update of
        # last_login then wants for itself: two sign-ins at once would deadlock.
        if is_crowded or (nested and connection.vendor == "mysql"):
            others.lock_user(user, alias)
        if replaced is not None:
            held = state.suspended if state is not None else None
            end_replaced(replaced, held, user, now, alias)
        session = insert_row(
            user,
            sighting,
            alias,
            issued_at=now,
            proven_at=now,
            age=age,
            now=now,
            session_type=session_type,
            assurance_level=proofs.level_of_claims(claims),
            mfa_updated_at=now if proofs.has_second_factor(claims) else None,
            credentials_digest=digest(CREDENTIALS, credentials) if credentials else "",
            **place._asdict(),
            **values,
        )
        recognised = store_endpoint(session, user, sighting, now, alias, request)
        proofs.store(session.pk, claims, now, alias)
        if is_crowded:
            device_id = recognised.device.pk if recognised is not None else None
            others.end_others(session, device_id, now, alias)
        _announce(session, request, state, claims, alias, reauthentication=False)
        return session, recognised

    with telemetry.sign_in():
        session, recognised = write_again(store, alias)
    if state is not None and recognised is not None:
        state.device_key = recognised.new_key or sighting.device_key
    return session


def _prove_again(
    request: HttpRequest,
    user: Any,
    tie: link.Link,
    marker: link.Marker,
    claims: Sequence[MethodClaim],
    kind: SessionType | None,
    age: timedelta,
    now: datetime,
    *,
    own: bool = False,
) -> Session | None:
    """Note a new proof of the session the marker names; None when it is not there to prove.

    With `own`, none that somebody else is in, and ProofNotFull where the proof would
    end it at once.
    """
    alias = database()
    state = state_of(request)
    rows = Session.objects.using(alias).filter(
        within_limits(now), pk=marker.session_id, user=user, ended_at__isnull=True
    )
    if own:
        rows = rows.filter(impersonator__isnull=True)
        rows = rows.exclude(session_type=SessionType.IMPERSONATION)
    if link.is_replayable(request.session):
        rows = rows.filter(generation=marker.generation)
    with bounded_write(alias):
        # Locked: a factor removed at the same time must not be counted.
        if (before := rows.select_for_update().first()) is None:
            return None
        if state.proven is not None:
            # Of the sign-in login() has just recorded, this is the better account.
            proofs.forget(before.pk, alias)
        if kind is None and not state.started:
            kind = type_with(before, claims, alias)
        values = values_with(
            before,
            user,
            claims,
            alias,
            kind=kind or before.session_type,
            age=age,
            now=now,
            own=own,
        )
        values["credentials_digest"] = digest(CREDENTIALS, tie.auth_hash)
        if not rows.update(**values):
            return None
        tombstones.lay([before.pk], alias)
        proofs.store(before.pk, claims, now, alias)
        session = before
        for name, value in values.items():
            setattr(session, name, value)
        _announce(session, request, state, claims, alias, reauthentication=not state.started)
    # login() keeps the key when the same user signs in again; ASVS 7.2.4 asks for a new one.
    if not state.started:
        _rotate(state, request.session)
    link.write(request.session, link.with_factors(marker, [c.key for c in claims if c.key]))
    _note(request, state, session, claims)
    return session


def prove_existing(
    request: HttpRequest,
    user: Any,
    tie: link.Link,
    marker: link.Marker,
    claims: Sequence[MethodClaim],
    now: datetime,
) -> Session | None:
    """Note a further proof of the user's own session; None where there is none to prove.

    Raises ProofNotFull where it would only end the session.
    """
    age = link.age(request.session)
    return _prove_again(request, user, tie, marker, claims, None, age, now, own=True)


def _rotate(state: RequestState, django_session: SessionBase) -> None:
    """Change the key: with the answer, since a 5xx would not tell the client the new one."""
    if state.served:
        state.rotate = True
    else:
        django_session.cycle_key()


def _announce(
    session: Session,
    request: HttpRequest | None,
    state: RequestState | None,
    claims: Sequence[MethodClaim],
    alias: str,
    *,
    reauthentication: bool,
) -> None:
    if state is not None:
        state.stored = False
        transaction.on_commit(partial(setattr, state, "stored", True), using=alias, robust=True)
    if not reauthentication and state is not None and state.started:
        return
    if reauthentication:
        note_proof(session.pk, session.user_id, claims, session.assurance_level, alias)
    else:
        events.emit_on_commit(
            events.SESSION_STARTED,
            alias,
            session_id=session.pk,
            user_id=session.user_id,
            session_type=session.session_type,
            methods=[claim.method for claim in claims],
            level=f"aal{int(session.assurance_level)}",
            address=session.ip,
        )
    signals.send_on_commit(
        signals.session_started,
        Session,
        alias,
        session=session,
        request=request,
        reauthentication=reauthentication,
    )


def _note(
    request: HttpRequest, state: RequestState, session: Session, claims: Sequence[MethodClaim]
) -> None:
    state.session_id = session.pk
    state.proven = session
    state.proven_with = tuple(claims)
    if state.served:
        # It may have been looked at before the sign-in.
        attach(request)
