"""The response phase: what became of the session while the request was served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections
from django.db.models import F, Q, Value
from django.db.models.functions import Least
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sessions_hub.conf import conf
from sessions_hub.models import EndReason, Session
from sessions_hub.models.querysets import end_row, end_values

from . import devices, link, proofs
from .digests import CREDENTIALS, digest, digests
from .end import end_session
from .exceptions import SessionNotRecorded
from .guard import bounded_write, database
from .policy import Expiry, expiry, idle_expiry, limits_for, touch_interval
from .sighting import fingerprint_of_request
from .state import RequestState
from .step_up import add_proofs
from .touch import touch, touch_elsewhere
from .verdicts import VerdictRow

Work = Callable[[], object]


def pending_work(request: HttpRequest, response: HttpResponse, state: RequestState) -> list[Work]:
    """What is left to write after the view, as calls; usually nothing.

    Decides from what is in memory: the row the request came with and the session
    as the view left it.
    """
    failed = response.status_code >= 500
    if failed and (ended_id := state.ended_id) is not None:
        # Signed out, and perhaps rolled back with the view: once more, which is harmless.
        return [lambda: end_session(ended_id, reason=EndReason.SIGNED_OUT)]
    session: SessionBase | None = getattr(request, "session", None)
    if state.session_id is None or session is None:
        return []
    if session is state.session and not session.modified and state.row is not None:
        # The usual request: nothing was written to the session, so nothing in it is new.
        work = None if failed else _use(request, state, session, state.row, timezone.now())
        return [work] if work else []
    tie = link.read(session)
    if tie is None or tie.marker is None:
        if failed and session.session_key is not None:
            # Cleared but not flushed, and an answer of 5xx saves nothing.
            return []
        row, session_id = state.row, state.session_id
        if row is not None and row.id == session_id:
            return [lambda: _end_vanished(row)]
        return [lambda: end_session(session_id, reason=EndReason.SIGNED_OUT)]
    if not failed and _was_rolled_back(state):
        # There is no row of this sign-in: the next request meets it as an unknown one.
        return [lambda: session.pop(link.MARKER_KEY)]
    if failed:
        if state.started:
            # The answer carries no session: this sign-in never reached its client.
            session_id = tie.marker.session_id
            return [lambda: _end_undelivered(session_id)]
        return []
    return _keep(request, state, session, tie, tie.marker)


def _was_rolled_back(state: RequestState) -> bool:
    # In a transaction that is still open (a test case's) nobody can tell yet.
    is_open = connections[database()].in_atomic_block
    return state.proven is not None and not state.stored and not is_open


def end_lost(state: RequestState) -> None:
    """End the session that a refused sign-in of another user has cost its visitor.

    Waits for no lock: the answer is late already.
    """
    if state.lost_id is None:
        return
    alias = database()
    with bounded_write(alias, timedelta(0)):
        end_row(Session, state.lost_id, end_values(EndReason.REPLACED, None, timezone.now()), alias)


def deliver_device_key(request: HttpRequest, response: HttpResponse, state: RequestState) -> None:
    """Hand a new device its key, or renew the cookie of one that has just signed in."""
    if state.device_key is not None and response.status_code < 500:
        devices.set_cookie(request, response, state.device_key)


def _keep(
    request: HttpRequest,
    state: RequestState,
    session: SessionBase,
    tie: link.Link,
    marker: link.Marker,
) -> list[Work]:
    work: list[Work] = []
    now = timezone.now()
    claims = proofs.new_claims(session, tie)
    rehashed = state.proven is None and tie.auth_hash != state.auth_hash
    if state.rotate:
        work.append(lambda: _change_key(session))
    if claims:
        work.append(lambda: _step_up(session, tie, state, now))
    if rehashed:
        work.append(lambda: _renew_credentials(marker, tie.auth_hash, now))
    rotated = (state.proven is not None and not state.started) or rehashed or bool(claims)
    if rotated and link.is_replayable(session):
        work.append(lambda: _change_generation(session, now))
    if (row := state.row) is not None and row.id == marker.session_id and state.proven is None:
        if touching := _use(request, state, session, row, now):
            work.append(touching)
    elif state.proven is not None and (following := _follow_expiry(session, state.proven, now)):
        work.append(following)
    return work


def _use(
    request: HttpRequest,
    state: RequestState,
    session: SessionBase,
    row: VerdictRow,
    now: datetime,
) -> Work | None:
    """The touch that is due, if one is."""
    interval = conf.SESSIONS_HUB_TOUCH_INTERVAL
    due = now - row.last_used_at >= touch_interval(interval, row.idle_timeout)
    expires_at = row.expires_at
    # Django moves a session's expiry when it saves it, and only then.
    if session.modified or settings.SESSION_SAVE_EVERY_REQUEST:
        age = link.age(session)
        # Between two writes ours must not fall behind Django's, or it would refuse
        # what Django still accepts: it runs ahead by the time one write serves for.
        ahead = touch_interval(interval, age)
        earliest = _expiry(row, age, now).expires_at
        latest = _expiry(row, age + ahead, now).expires_at
        if due or not earliest <= expires_at <= latest:
            due, expires_at = True, latest
    fingerprint = fingerprint_of_request(request, state, row.user_id)
    elsewhere = fingerprint not in {"", row.current_fingerprint}
    if not due and not elsewhere:
        return None
    # What has not moved is not written: another request may have moved it meanwhile,
    # and this one's copy is older.
    values: dict[str, Any] = {}
    if expires_at != row.expires_at:
        values["expires_at"] = expires_at
        values["idle_expires_at"] = idle_expiry(now, row.idle_timeout, expires_at)
    elif row.idle_timeout is not None:
        values["idle_expires_at"] = Least(Value(now + row.idle_timeout), F("expires_at"))
    if elsewhere:
        return lambda: touch_elsewhere(row, request, state, values, now)
    return lambda: touch(row, values, now)


def _expiry(row: VerdictRow | Session, age: timedelta, now: datetime) -> Expiry:
    limits = limits_for(conf.SESSIONS_HUB_LIMITS, row.assurance_level)
    return expiry(age=age, now=now, proven_at=row.fully_authenticated_at, limits=limits)


def _follow_expiry(session: SessionBase, proven: Session, now: datetime) -> Work | None:
    """Follow a `set_expiry()` that came after the login signal ("remember me")."""
    age = link.age(session)
    followed = _expiry(proven, age, now)
    interval = touch_interval(conf.SESSIONS_HUB_TOUCH_INTERVAL, age)
    if abs(followed.expires_at - proven.expires_at) < interval:
        return None
    return lambda: _update(proven.pk, now, **followed.columns)


def _step_up(session: SessionBase, tie: link.Link, state: RequestState, now: datetime) -> None:
    assert tie.marker is not None  # noqa: S101 - for the type checker
    claims = proofs.new_claims(session, tie)
    row = state.row
    proven_at = now if row is None or state.proven is not None else row.fully_authenticated_at
    if state.proven is None:
        # A higher level is a new privilege: the key changes (ASVS 7.2.4), and before
        # the level does, since it may fail.
        link.cycle_key(session)
    if add_proofs(
        tie.marker.session_id, claims, age=link.age(session), proven_at=proven_at, now=now
    ):
        keys = [claim.key for claim in claims if claim.key]
        current = link.read(session)
        if current is not None and current.marker is not None:
            link.write(session, link.with_factors(current.marker, keys))


def _change_key(session: SessionBase) -> None:
    """The new key of a sign-in over a session of the same browser.

    Raises SessionNotRecorded: whoever knows the old key must not share in the proof,
    so the sign-in is to be made again.
    """
    try:
        link.cycle_key(session)
    except Exception as error:
        raise SessionNotRecorded("The session's key could not be changed; try again.") from error


def _renew_credentials(marker: link.Marker, auth_hash: str, now: datetime) -> None:
    """The password changed and this session was kept, or SECRET_KEY was rotated."""
    _update(marker.session_id, now, credentials_digest=digest(CREDENTIALS, auth_hash))


def _change_generation(session: SessionBase, now: datetime) -> None:
    tie = link.read(session)
    if tie is None or tie.marker is None:
        return
    before, generation = tie.marker.generation, tie.marker.generation + 1
    # From the one this client holds: a slower answer must not bring an older one back.
    if _update(
        tie.marker.session_id,
        now,
        Q(generation=before),
        generation=generation,
        generation_changed_at=now,
    ):
        link.write(session, link.Marker(tie.marker.session_id, generation, tie.marker.factors))


def _update(session_id: UUID, now: datetime, only: Q | None = None, **values: Any) -> bool:
    alias = database()
    with bounded_write(alias):
        rows = Session.objects.using(alias).filter(
            only or Q(), pk=session_id, ended_at__isnull=True
        )
        return bool(rows.update(updated_at=now, **values))


def _end_vanished(row: VerdictRow) -> None:
    """Say why the sign-in left the session without a signal.

    Django flushes a session whose password hash no longer matches; a view may
    flush one by hand.
    """
    user = get_user_model()._base_manager.filter(pk=row.user_id).first()
    reason = EndReason.SIGNED_OUT
    if user is not None and row.credentials_digest:
        hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
        valid = {value for one in hashes for value in digests(CREDENTIALS, one)}
        if row.credentials_digest not in valid:
            reason = EndReason.CREDENTIALS_CHANGED
    end_session(row.id, reason=reason)


def _end_undelivered(session_id: Any) -> None:
    end_session(session_id, reason=EndReason.REVOKED_BY_POLICY)
