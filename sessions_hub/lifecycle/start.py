"""Starting a session, and proving the same one again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from sessions_hub import signals
from sessions_hub.capture import ClientSnapshot
from sessions_hub.conf import conf
from sessions_hub.models import EndReason, Session, SessionType
from sessions_hub.models.ids import id_at
from sessions_hub.models.querysets import end_row, end_values
from sessions_hub.models.validity import within_limits
from sessions_hub.understanding.methods import MethodClaim

from . import devices, endpoints, link, proofs
from .current import attach
from .digests import CREDENTIALS, digest
from .exceptions import NotSignedIn
from .guard import bounded_write, database
from .policy import expiry, limits_for
from .sighting import Sighting, sight
from .state import RequestState, plain_request, state_of


def start_session(
    user: AbstractBaseUser,
    *,
    request: HttpRequest | None = None,
    method: str | None = None,
    session_type: str = SessionType.REGULAR_LOGIN,
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

    `method` is one of `Method`; by default the authentication backend tells.
    `snapshot` describes the client where the request is not its own. `lifetime`
    defaults to that of the Django session.

    Raises NotSignedIn when the request is not signed in as `user`, and
    django.db.DatabaseError when the row cannot be stored: nothing is stored then.
    """
    now = now or timezone.now()
    request = plain_request(request)
    claims = [MethodClaim(method=method)] if method is not None else None
    if request is None:
        return _insert(
            user,
            claims or [MethodClaim(method="unknown")],
            sight(None, snapshot),
            session_type=session_type,
            age=lifetime or timedelta(seconds=settings.SESSION_COOKIE_AGE),
            now=now,
        )
    django_session: SessionBase = request.session
    tie = link.read(django_session)
    if tie is None or tie.user_id != _session_user_id(user):
        raise NotSignedIn(
            "The request is not signed in as this user. Call django.contrib.auth.login() first."
        )
    claims = claims or proofs.claims_at_sign_in(django_session, tie)
    state = state_of(request)
    age = lifetime or link.age(django_session)
    if tie.marker is not None:
        session = _prove_again(request, user, tie, tie.marker, claims, age, now)
        if session is not None:
            return session
    session = _insert(
        user,
        claims,
        sight(request, snapshot),
        session_type=session_type,
        age=age,
        now=now,
        request=request,
        state=state,
        credentials=tie.auth_hash,
    )
    marker = link.Marker(session.pk)
    link.write(django_session, link.with_factors(marker, [c.key for c in claims if c.key]))
    state.started = True
    _note(request, state, session)
    return session


astart_session = sync_to_async(start_session)


def _insert(
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
) -> Session:
    alias = database()
    replaced = state.session_id if state is not None else None
    with bounded_write(alias):
        if replaced is not None:
            end_row(Session, replaced, end_values(EndReason.REPLACED, user, now), alias)
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
        )
        recognised = store_endpoint(session, user, sighting, now, alias, request)
        proofs.store(session.pk, claims, now, alias)
        signals.send_on_commit(
            signals.session_started,
            Session,
            alias,
            session=session,
            request=request,
            reauthentication=False,
        )
    if state is not None and recognised is not None:
        state.device_key = recognised.new_key or sighting.device_key
    return session


def insert_row(
    user: Any,
    sighting: Sighting,
    alias: str,
    *,
    issued_at: datetime,
    proven_at: datetime,
    age: timedelta,
    now: datetime,
    **values: Any,
) -> Session:
    """Insert a Session row with its expiry worked out; `age` is Django's own, from now on."""
    limits = limits_for(conf.SESSIONS_HUB_LIMITS, values.get("assurance_level", 0))
    session = Session(
        id=id_at(issued_at),
        user=user,
        issued_at=issued_at,
        authenticated_at=issued_at,
        fully_authenticated_at=proven_at,
        last_used_at=now,
        updated_at=now,
        current_fingerprint=fingerprint_of(sighting),
        **asdict(expiry(age=age, now=now, proven_at=proven_at, limits=limits)),
        **sighting.client_values,
        **sighting.place_values,
        **values,
    )
    session.save(using=alias, force_insert=True)
    return session


def fingerprint_of(sighting: Sighting) -> str:
    """The endpoint's fingerprint; empty when there was no client to see."""
    return "" if sighting.snapshot.is_empty else sighting.snapshot.fingerprint


def store_endpoint(
    session: Session,
    user: Any,
    sighting: Sighting,
    now: datetime,
    alias: str,
    request: HttpRequest | None,
) -> devices.Recognised | None:
    """Store device and endpoint of a new session; None when no client was seen."""
    recognised = devices.recognise(user.pk, sighting, now, alias)
    if recognised is not None:
        endpoints.add(session.pk, recognised.device, sighting, now, alias)
        devices.announce(recognised, session.pk, request, alias)
    return recognised


def _prove_again(
    request: HttpRequest,
    user: Any,
    tie: link.Link,
    marker: link.Marker,
    claims: Sequence[MethodClaim],
    age: timedelta,
    now: datetime,
) -> Session | None:
    """Note a new proof of the session the marker names; None when it is not there to prove."""
    alias = database()
    state = state_of(request)
    with bounded_write(alias):
        level = proofs.level_with(marker.session_id, claims, alias)
        limits = limits_for(conf.SESSIONS_HUB_LIMITS, level)
        values = {
            "assurance_level": level,
            "authenticated_at": now,
            "fully_authenticated_at": now,
            "last_used_at": now,
            "updated_at": now,
            "credentials_digest": digest(CREDENTIALS, tie.auth_hash),
            **asdict(expiry(age=age, now=now, proven_at=now, limits=limits)),
        }
        if proofs.has_second_factor(claims):
            values["mfa_updated_at"] = now
        rows = Session.objects.using(alias).filter(pk=marker.session_id, user=user)
        if not rows.filter(within_limits(now), ended_at__isnull=True).update(**values):
            return None
        proofs.store(marker.session_id, claims, now, alias)
        session = rows.get()
        signals.send_on_commit(
            signals.session_started,
            Session,
            alias,
            session=session,
            request=request,
            reauthentication=True,
        )
    django_session = request.session
    # login() keeps the key when the same user signs in again; ASVS 7.2.4 asks for a new one.
    django_session.cycle_key()
    link.write(django_session, link.with_factors(marker, [c.key for c in claims if c.key]))
    _note(request, state, session)
    return session


def _note(request: HttpRequest, state: RequestState, session: Session) -> None:
    state.session_id = session.pk
    state.proven = session
    if state.served:
        # It may have been looked at before the sign-in.
        attach(request)


def _session_user_id(user: AbstractBaseUser) -> str:
    return str(user._meta.pk.value_to_string(user))
