"""Importing sessions: rows only. The marker follows on first use, as with an adoption.

An imported row carries the digest of its Django session's key, by which an adoption finds
it: a session that is imported and used at the same time has one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.db import IntegrityError, transaction

from sessions_hub.capture import ClientSnapshot
from sessions_hub.capture.address import normalise
from sessions_hub.capture.headers import clean
from sessions_hub.lifecycle.digests import CREDENTIALS, DJANGO_KEY, digest, digests
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.link import MARKER_KEY, age_of
from sessions_hub.lifecycle.rows import build_row
from sessions_hub.lifecycle.sighting import Sighting, sight
from sessions_hub.lifecycle.suspended import HELD_KEY
from sessions_hub.models import AuthenticationMethod, Method, Session, SessionDevice
from sessions_hub.models.ids import new_id
from sessions_hub.models.predicate import user_key

from .contents import Contents, Unreadable, acts_as_another, contents
from .sources import Source, Stored

BATCH = 200


class Outcome(StrEnum):
    """What came of a stored row."""

    IMPORTED = "imported"
    KNOWN = "known already"
    ANONYMOUS = "nobody signed in"
    EXPIRED = "expired"
    NO_USER = "of a user who is gone"
    STALE = "of another password"
    ACTING = "of somebody acting as the user"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of the rows of one batch, each by its reference, and where it ended."""

    outcomes: Sequence[tuple[str, Outcome]]
    # What `after` takes; empty where it cannot be told.
    reached: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    stored: Stored
    user: Any
    auth_hash: str
    contents: Contents


def import_sessions(
    source: Source,
    alias: str,
    *,
    now: datetime,
    batch_size: int = BATCH,
    dry_run: bool = False,
    after: str = "",
) -> Iterator[Batch]:
    """Give rows to the sessions of a source in the database `alias`; yield each batch.

    In the order of keys, each batch in one transaction. What has a row already is only
    read, so that a run finishes what another one began; with `after`, the place a batch
    reached, it does not read that again. Nothing of the source is changed. Raises NoSuchTable
    and django.db.Error.
    """
    for rows in source.batches(alias, batch_size, after):
        outcomes: dict[str, Outcome] = {}
        found = _signed_in(rows, outcomes, now)
        unknown = _unknown(found, outcomes)
        if dry_run:
            outcomes |= dict.fromkeys((one.stored.reference for one in unknown), Outcome.IMPORTED)
        else:
            _store(unknown, outcomes, now)
        yield Batch([(row.reference, outcomes[row.reference]) for row in rows], rows[-1].place)


def _signed_in(rows: Sequence[Stored], outcomes: dict[str, Outcome], now: datetime) -> list[_Found]:
    """The rows somebody is signed in by; what is in the others is noted."""
    read: list[tuple[Stored, Contents, Any]] = []
    for row in rows:
        try:
            inside = contents(row, now)
        except Unreadable:
            outcomes[row.reference] = Outcome.UNREADABLE
            continue
        if inside.expires_at <= now:
            outcomes[row.reference] = Outcome.EXPIRED
        elif MARKER_KEY in inside.data or HELD_KEY in inside.data:
            outcomes[row.reference] = Outcome.KNOWN
        elif SESSION_KEY not in inside.data:
            outcomes[row.reference] = Outcome.ANONYMOUS
        elif acts_as_another(inside.data):
            # An impersonation of the hub's rests on the own session of whoever acts, which
            # such a session does not name; as the user's own it would be a wrong row.
            outcomes[row.reference] = Outcome.ACTING
        else:
            try:
                read.append((row, inside, user_key(inside.data[SESSION_KEY])))
            except ValueError:
                outcomes[row.reference] = Outcome.NO_USER
    users = get_user_model()._base_manager.in_bulk({key for _row, _inside, key in read})
    found = []
    for row, inside, key in read:
        user, auth_hash = users.get(key), str(inside.data.get(HASH_SESSION_KEY, ""))
        if user is None:
            outcomes[row.reference] = Outcome.NO_USER
        elif not _is_of_password(user, auth_hash):
            # Django would refuse it at its next request.
            outcomes[row.reference] = Outcome.STALE
        else:
            found.append(_Found(row, user, auth_hash, inside))
    return found


def _is_of_password(user: Any, auth_hash: str) -> bool:
    if not hasattr(user, "get_session_auth_hash"):
        return True
    return auth_hash in {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}


def _unknown(found: list[_Found], outcomes: dict[str, Outcome]) -> list[_Found]:
    """Those that have no row yet; the others are noted."""
    candidates = {one.stored.reference: digests(DJANGO_KEY, one.stored.key) for one in found}
    every = [value for values in candidates.values() for value in values]
    known = set(
        Session._base_manager.using(database())
        .filter(django_key_digest__in=every)
        .values_list("django_key_digest", flat=True)
    )
    unknown = []
    for one in found:
        if known.isdisjoint(candidates[one.stored.reference]):
            unknown.append(one)
        else:
            outcomes[one.stored.reference] = Outcome.KNOWN
    return unknown


def _store(unknown: list[_Found], outcomes: dict[str, Outcome], now: datetime) -> None:
    if not unknown:
        return
    try:
        _insert(unknown, now)
    except IntegrityError:
        # One of them was adopted meanwhile: each for itself.
        for one in unknown:
            try:
                _insert([one], now)
            except IntegrityError:
                if _unknown([one], outcomes):
                    raise
            else:
                outcomes[one.stored.reference] = Outcome.IMPORTED
        return
    outcomes |= dict.fromkeys((one.stored.reference for one in unknown), Outcome.IMPORTED)


def _insert(found: Sequence[_Found], now: datetime) -> None:
    alias = database()
    sessions, proofs, places = [], [], []
    for one in found:
        sighting = _sighting(one.stored)
        session = _session(one, sighting, now)
        sessions.append(session)
        proofs.append(
            AuthenticationMethod(
                session=session, method=Method.UNKNOWN, completed_at=session.issued_at
            )
        )
        if not sighting.snapshot.is_empty:
            places.append(_place(session, sighting))
    with transaction.atomic(using=alias):
        Session._base_manager.using(alias).bulk_create(sessions)
        AuthenticationMethod._base_manager.using(alias).bulk_create(proofs)
        SessionDevice._base_manager.using(alias).bulk_create(places)


def _session(one: _Found, sighting: Sighting, now: datetime) -> Session:
    began_at, used_at = times_of(one.stored, one.contents, one.user, now)
    age = age_of((one.contents.expires_at - now).total_seconds())
    return build_row(
        one.user,
        sighting,
        issued_at=began_at,
        # As with an adoption: nobody is signed out.
        proven_at=now,
        age=age,
        now=now,
        last_used_at=used_at,
        # The first client that comes with it gets its device.
        current_fingerprint="",
        credentials_digest=digest(CREDENTIALS, one.auth_hash),
        django_key_digest=digest(DJANGO_KEY, one.stored.key),
    )


def times_of(
    stored: Stored, inside: Contents, user: Any, now: datetime
) -> tuple[datetime, datetime]:
    """When a session began and was last used, as far as can be known.

    It began no later than it was last saved, which its expiry tells.
    """
    saved_at = None
    age = inside.data.get("_session_expiry") or settings.SESSION_COOKIE_AGE
    if isinstance(age, int | float):
        saved_at = inside.expires_at - timedelta(seconds=age)
    began = (stored.began_at or getattr(user, "last_login", None), stored.used_at, saved_at)
    began_at = min(time for time in (*began, now) if time is not None)
    used_at = stored.used_at or saved_at or began_at
    return began_at, min(now, max(began_at, used_at))


def _sighting(stored: Stored) -> Sighting:
    snapshot = ClientSnapshot(
        address=normalise(stored.address), user_agent=clean(stored.user_agent)
    )
    return sight(None, snapshot)


def _place(session: Session, sighting: Sighting) -> SessionDevice:
    pk = new_id()
    values: Mapping[str, Any] = {**sighting.client_values, **sighting.place_values}
    # A fingerprint of its own: the first use from there is what tells the device.
    return SessionDevice(
        id=pk,
        session=session,
        fingerprint=pk.hex,
        first_seen_at=session.issued_at,
        last_seen_at=session.last_used_at,
        **values,
    )
