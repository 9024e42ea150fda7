"""The response phase: what became of the session while the request was served."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sessions_hub import events, tombstones
from sessions_hub.models import EndReason, Session, SessionType
from sessions_hub.models.querysets import end_row, end_values

from . import credentials, devices, impersonated, link, proofs
from .credentials import end_stale, is_turned_away
from .digests import CREDENTIALS, digest
from .end import end_session
from .enforce import sign_out
from .exceptions import SessionNotRecorded
from .guard import bounded_write, database
from .revoke import revoke_proofs
from .sighting import fingerprint_of_request
from .state import RequestState
from .step_up import add_proofs
from .touch import touch_elsewhere
from .use import Work, followed_expiry, touch_due, user_of
from .verdicts import VerdictRow, is_held


def pending_work(request: HttpRequest, response: HttpResponse, state: RequestState) -> list[Work]:
    """What is left to write after the view, as calls; usually nothing.

    Decides from what is in memory: the row the request came with and the session
    as the view left it.
    """
    failed = response.status_code >= 500
    if failed and (ended_id := state.ended_id) is not None:
        # Signed out, and perhaps rolled back with the view: once more, which is harmless.
        if (held := state.suspended) is not None:
            return [partial(impersonated.sign_out_both, held)]
        return [lambda: end_session(ended_id, reason=EndReason.SIGNED_OUT)]
    session: SessionBase | None = getattr(request, "session", None)
    if state.session_id is None or session is None:
        return []
    if session is state.session and not session.modified and state.row is not None:
        # The usual request: nothing was written to the session, so nothing in it is new.
        if _met_nobody(request):
            return [partial(_end_turned_away, state.row)]
        work = None if failed else touch_due(request, state, session, state.row, timezone.now())
        return [work] if work else []
    tie = link.read(session)
    if tie is None or tie.marker is None:
        if failed and session.session_key is not None:
            # Cleared but not flushed, and an answer of 5xx saves nothing.
            return []
        row, session_id = state.row, state.session_id
        if row is not None and row.id == session_id:
            return [lambda: _end_vanished(row), lambda: impersonated.abandon(state.suspended)]
        return [lambda: end_session(session_id, reason=EndReason.SIGNED_OUT)]
    if state.row is not None and state.proven is None and _met_nobody(request):
        return [partial(_end_turned_away, state.row)]
    if not failed and _was_rolled_back(state):
        if state.suspended is not None:
            # Nobody acts as another user without a row that says so.
            return [lambda: sign_out(request)]
        # There is no row of this sign-in: the next request meets it as an unknown one.
        return [lambda: session.pop(link.MARKER_KEY)]
    if failed:
        if state.started:
            # The answer carries no session: this sign-in never reached its client.
            session_id = tie.marker.session_id
            return [
                lambda: _end_undelivered(session_id),
                lambda: impersonated.abandon(state.suspended),
            ]
        if (returned := state.returned) is not None:
            return [partial(impersonated.abandon, returned)]
        return []
    if (held := state.suspended) is not None and tie.marker.session_id == held.impersonation_id:
        return _keep_impersonation(request, state, session, tie.auth_hash)
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


def end_reused(state: RequestState) -> None:
    """End the session of a secret that was used again, if a rollback has undone its end."""
    if state.reused_id is not None:
        end_session(state.reused_id, reason=EndReason.COMPROMISED)


def take_back_session(request: HttpRequest, state: RequestState) -> None:
    """Give a refused sign-in's answer the session its visitor came with.

    What `login()` has made of it may have been rolled back with the view; an answer
    below 500 would try to save it, and fail.
    """
    request.session = type(request.session)(state.loaded_key)


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
    lost = proofs.lost_factors(session, marker)
    rehashed = state.proven is None and tie.auth_hash != state.auth_hash
    if state.rotate:
        work.append(lambda: _change_key(session))
    if lost:
        work.append(lambda: _take_back(session, marker.session_id, lost, now))
    if claims:
        work.append(lambda: _step_up(session, tie, state, now))
    if rehashed:
        work.append(lambda: _renew_credentials(marker, tie, now))
    rotated = (state.proven is not None and not state.started) or rehashed or bool(claims)
    if rotated and link.is_replayable(session):
        work.append(lambda: _change_generation(session, now))
    row = state.row if state.row is not None and state.row.id == marker.session_id else None
    # Adding claims has noted the use, and set the expiry of what the session is now.
    if row is not None and state.proven is None and not claims:
        if touching := touch_due(request, state, session, row, now):
            work.append(touching)
    elif (
        state.proven is not None
        and not claims
        and (followed := followed_expiry(session, state.proven, now)) is not None
    ):
        work.append(partial(_update, state.proven.pk, now, **followed.columns))
    if row is not None and is_held(row) and (state.proven is not None or claims):
        work.append(partial(_accept_place, request, state, row, now))
    return work


def _keep_impersonation(
    request: HttpRequest, state: RequestState, session: SessionBase, auth_hash: str
) -> list[Work]:
    """Its limit stays, whatever the view did: no proof, no expiry and no key prolongs it."""
    if (row := state.row) is None:
        # It has just begun.
        return []
    now = timezone.now()
    if auth_hash != state.auth_hash:
        return [lambda: _meet_new_credentials(request, state, row, auth_hash, now)]
    touching = touch_due(request, state, session, row, now)
    return [touching] if touching else []


def _meet_new_credentials(
    request: HttpRequest, state: RequestState, row: VerdictRow, auth_hash: str, now: datetime
) -> None:
    """SECRET_KEY was rotated; or the password has been changed, which ends it."""
    target = get_user_model()._base_manager.filter(pk=row.user_id).first()
    if target is not None and credentials.still_match(target, row.credentials_digest):
        _update(row.id, now, credentials_digest=digest(CREDENTIALS, auth_hash))
        return
    events.emit(events.CREDENTIALS_CHANGED, session_id=row.id)
    sign_out(request)
    impersonated.end_over(row.id, now)
    impersonated.abandon(state.suspended, now)


def _accept_place(
    request: HttpRequest, state: RequestState, row: VerdictRow, now: datetime
) -> None:
    """The session was held for coming from here, and has been proven from here."""
    fingerprint = fingerprint_of_request(request, state, row.user_id)
    if fingerprint not in {"", row.current_fingerprint}:
        # Unless the proof was not enough.
        accepted = Q(proof_required_at__isnull=True)
        touch_elsewhere(row, request, state, {}, now, only=accepted)


def _step_up(session: SessionBase, tie: link.Link, state: RequestState, now: datetime) -> None:
    assert tie.marker is not None  # noqa: S101 - for the type checker
    claims = proofs.as_answered(proofs.new_claims(session, tie), state.answer)
    before = state.proven or state.row
    if state.proven is None:
        # A higher level is a new privilege: the key changes (ASVS 7.2.4), and before
        # the level does, since it may fail.
        link.cycle_key(session)
    if add_proofs(
        tie.marker.session_id,
        claims,
        age=link.age(session),
        proven_at=before.fully_authenticated_at if before is not None else now,
        now=now,
        beside=state.proven_with,
    ):
        keys = [claim.key for claim in claims if claim.key]
        current = link.read(session)
        if current is not None and current.marker is not None:
            link.write(session, link.with_factors(current.marker, keys))


def _take_back(session: SessionBase, session_id: UUID, lost: list[str], now: datetime) -> None:
    """Devices have left the session: their proofs count no longer."""
    revoke_proofs(session_id, lost, now=now)
    current = link.read(session)
    if current is not None and current.marker is not None:
        link.write(session, link.without_factors(current.marker, lost))


def _change_key(session: SessionBase) -> None:
    """The new key of a sign-in over a session of the same browser.

    Raises SessionNotRecorded: whoever knows the old key must not share in the proof,
    so the sign-in is to be made again.
    """
    try:
        link.cycle_key(session)
    except Exception as error:
        raise SessionNotRecorded("The session's key could not be changed; try again.") from error


def _renew_credentials(marker: link.Marker, tie: link.Link, now: datetime) -> None:
    """The password changed and this session was kept, or SECRET_KEY was rotated."""
    _update(marker.session_id, now, credentials_digest=digest(CREDENTIALS, tie.auth_hash))
    if (user := user_of(tie.user_id)) is not None:
        # The others are dead to Django already.
        end_stale(user, by=user, now=now, keep=marker.session_id)


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
        changed = bool(rows.update(updated_at=now, **values))
        if changed:
            tombstones.lay([session_id], alias)
    return changed


def _end_vanished(row: VerdictRow) -> None:
    """Say why the sign-in left the session without a signal.

    Django flushes a session whose password hash no longer matches; a view may
    flush one by hand.
    """
    user = user_of(row.user_id)
    reason = EndReason.SIGNED_OUT
    if row.session_type == SessionType.IMPERSONATION:
        reason = EndReason.IMPERSONATION_OVER
    if user is not None and not credentials.still_match(user, row.credentials_digest):
        reason = EndReason.CREDENTIALS_CHANGED
    end_session(row.id, reason=reason)


def _met_nobody(request: HttpRequest) -> bool:
    """Whether the view asked who is signed in, and was told nobody.

    Django says so, and leaves the session as it is, of a user who is disabled or gone.
    """
    for name in ("_cached_user", "_acached_user"):
        user = request.__dict__.get(name)
        if user is not None and not user.is_authenticated:
            return True
    return False


def _end_turned_away(row: VerdictRow) -> None:
    user = user_of(row.user_id)
    if user is None or is_turned_away(user):
        end_session(row.id, reason=EndReason.USER_DISABLED)


def _end_undelivered(session_id: Any) -> None:
    end_session(session_id, reason=EndReason.REVOKED_BY_POLICY)
