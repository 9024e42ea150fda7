"""Giving a row to a session that signed in before the hub was there to see it."""

from __future__ import annotations

from datetime import date, datetime, time

from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from sessions_hub import events
from sessions_hub.conf import conf
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim

from . import link, proofs
from .digests import CREDENTIALS, DJANGO_KEY, digest, digests
from .guard import bounded_write, database
from .rows import insert_row, store_endpoint
from .sighting import sight
from .state import state_of
from .tenants import place_at_sign_in
from .verdicts import VerdictRow, fetch_verdict


def may_adopt(now: datetime) -> bool:
    """Whether the settings let an unknown session in at `now`."""
    if conf.SESSIONS_HUB_UNKNOWN_SESSION != "adopt":
        return False
    until = adopt_until()
    return until is None or now < until


def adopt_until() -> datetime | None:
    """SESSIONS_HUB_ADOPT_UNTIL as an aware time; None without one.

    Raises ValueError when the setting is neither a time nor a date.
    """
    value = conf.SESSIONS_HUB_ADOPT_UNTIL
    if isinstance(value, str):
        parsed = parse_datetime(value) or parse_date(value)
        if parsed is None:
            raise ValueError(f"{value!r} is not a date or time in ISO 8601 form.")
        value = parsed
    if value is None:
        return None
    if not isinstance(value, datetime):
        if not isinstance(value, date):
            raise ValueError(f"{value!r} is not a date or time.")
        value = datetime.combine(value, time.min)
    return timezone.make_aware(value) if timezone.is_naive(value) else value


def adopt(
    request: HttpRequest,
    tie: link.Link,
    key: str | None,
    now: datetime,
    *,
    known_only: bool = False,
) -> VerdictRow | None:
    """The row of a signed-in Django session without a marker, made if need be.

    Parallel first requests of one session make one row: it is found by a digest of
    `key`, the one they present: looking at the user may have changed it since (a
    rotated SECRET_KEY), and an ended session must not be adopted anew.

    `known_only` makes none: only an imported session, or one whose adoption did not get
    through, has a row then.

    Returns the row to be judged like any other (an imported or adopted session may
    have ended since), or None when `request.user` is not that user. Raises
    django.db.DatabaseError.
    """
    user = request.user
    session: SessionBase = request.session
    if key is None or str(user.pk) != tie.user_id:
        return None
    alias = database()
    candidates = digests(DJANGO_KEY, key)
    row = _find(candidates, alias)
    if row is None and not known_only:
        try:
            row = _insert(request, tie, candidates[0], now, alias)
        except IntegrityError:
            # A parallel request was faster. Or else there is no verdict, and none is
            # made up: without a row the session would be signed out for good.
            if (row := _find(candidates, alias)) is None:
                raise
    if row is not None and str(row.user_id) == tie.user_id and row.ended_at is None:
        link.write(session, link.Marker(row.id, row.generation))
    return row


def _find(candidates: list[str], alias: str) -> VerdictRow | None:
    with bounded_write(alias):
        pk = (
            Session.objects.using(alias)
            .filter(django_key_digest__in=candidates)
            .values_list("pk", flat=True)
            .first()
        )
    return fetch_verdict(pk, alias) if pk is not None else None


def _insert(
    request: HttpRequest, tie: link.Link, key_digest: str, now: datetime, alias: str
) -> VerdictRow | None:
    user = request.user
    issued_at = min(getattr(user, "last_login", None) or now, now)
    sighting = sight(request)
    claims = [MethodClaim(method="unknown", completed_at=issued_at)]
    age = link.age(request.session)
    place = place_at_sign_in(request, user, alias)
    with bounded_write(alias):
        session = insert_row(
            user,
            sighting,
            alias,
            issued_at=issued_at,
            # Installing the hub signs nobody out: the longest lifetime counts
            # from the adoption, however long ago the sign-in was.
            proven_at=now,
            age=age,
            now=now,
            credentials_digest=digest(CREDENTIALS, tie.auth_hash),
            django_key_digest=key_digest,
            **place._asdict(),
        )
        recognised = store_endpoint(session, user, sighting, now, alias, request)
        proofs.store(session.pk, claims, now, alias)
        events.emit_on_commit(
            events.SESSION_ADOPTED,
            alias,
            session_id=session.pk,
            user_id=session.user_id,
            address=session.ip,
        )
    if recognised is not None:
        state_of(request).device_key = recognised.new_key or sighting.device_key
    return fetch_verdict(session.pk, alias)
