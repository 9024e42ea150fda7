"""Acting as another user, for a reason and a while, and going back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import load_backend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from sessions_hub import events, signals, tombstones
from sessions_hub.conf import conf
from sessions_hub.models import EndReason, Session, SessionType
from sessions_hub.models.impersonations import hanging_on
from sessions_hub.models.querysets import end_rows, end_values
from sessions_hub.models.validity import within_limits

from . import endpoints, link, suspended
from .current import attach, current_session
from .digests import CREDENTIALS, digest
from .exceptions import SessionNotEnded, SessionNotRecorded
from .guard import bounded_write, database
from .impersonated import end_over
from .impersonation_rules import ImpersonationDenied, policy_allows, refusal
from .incomplete import NOT_TO_RELY_ON
from .request_user import sign_in_as
from .rows import insert_row
from .sighting import sight
from .state import RequestState, plain_request, state_of
from .suspended import Suspended
from .way_back import end_and_look_behind, go_back, leave_signed_out

logger = logging.getLogger(__name__)


def start_impersonation(
    request: Any,
    target: AbstractBaseUser,
    reason: str,
    *,
    record: Callable[[Session], None] | None = None,
) -> Session:
    """Let the request's user act as `target` in this browser; return the new session.

    The browser changes sides as with a sign-in: Django's session is emptied and gets a
    new key. The actor's own session waits; stop_impersonation() goes back to it. Nothing
    is written to the target: no `last_login`, no device, no `session_started`, no
    `user_logged_in`.

    Raises ImpersonationDenied (a PermissionDenied) with a `code`, see DENIALS:
    the request must be a POST in the actor's own session, proven within
    SESSIONS_HUB_REAUTHENTICATE_MAX_AGE; the actor needs the permission
    `sessions_hub.impersonate_user`; the reason has 1 to 255 characters; the target is
    active, somebody else and, unless the actor is a superuser, neither staff nor
    superuser. SessionNotRecorded (503) when it cannot be stored. Nothing has changed
    then.

    `record` writes what else has to be stored of it, in the same transaction, or it does
    not start.
    """
    now = timezone.now()
    plain = plain_request(request)
    assert plain is not None  # noqa: S101 - for the type checker
    try:
        own = _own(request, plain)
        why = _reason(reason)
        _allow(plain, own, target, why, now)
        backend = _backend_for(target, link.read(plain.session))
        try:
            session = _start(plain, own, target, why, backend, now, record)
        except ImpersonationDenied:
            raise
        except Exception as error:
            logger.exception("An impersonation could not be recorded and did not start.")
            raise SessionNotRecorded("The impersonation could not be recorded.") from error
    except ImpersonationDenied as denial:
        events.emit(
            events.IMPERSONATION_DENIED,
            user_id=getattr(target, "pk", None),
            actor_id=getattr(getattr(plain, "user", None), "pk", None),
            reason=denial.code,
        )
        raise
    if request is not plain:
        # DRF's request has a user of its own.
        request.user = target
    return session


def stop_impersonation(request: Any) -> AbstractBaseUser | AnonymousUser:
    """Go back to the actor's own session; return the user of the request from now on.

    That is the actor, if they are still active, with the same password, and their own
    session has neither ended nor expired; otherwise nobody: the visitor is signed out.

    Raises ImpersonationDenied when the request is no POST, or in no impersonation, and
    SessionNotEnded (503) when the end could not be stored. Nothing has changed then.
    """
    now = timezone.now()
    plain = plain_request(request)
    assert plain is not None  # noqa: S101 - for the type checker
    if plain.method != "POST":
        raise ImpersonationDenied("method")
    held = suspended.read(getattr(plain, "session", None))
    if held is None:
        raise ImpersonationDenied("not_impersonating")
    try:
        own = end_and_look_behind(held, now)
    except Exception as error:
        logger.exception("The end of an impersonation could not be recorded.")
        raise SessionNotEnded("The end could not be recorded; try again.") from error
    if own is None:
        leave_signed_out(plain, held, now)
    else:
        go_back(plain, own, held)
    if request is not plain:
        request.user = plain.user
    user: AbstractBaseUser | AnonymousUser = plain.user
    return user


astart_impersonation = sync_to_async(start_impersonation)
astop_impersonation = sync_to_async(stop_impersonation)


def _own(request: Any, plain: HttpRequest) -> Session:
    """The actor's own session, as this request was judged by."""
    if plain.method != "POST":
        raise ImpersonationDenied("method")
    row = state_of(plain).row
    own = current_session(plain)
    # Without the middleware's verdict on this very session nothing would hold the
    # impersonation to its limits either.
    if own is None or row is None or row.id != own.pk or not state_of(plain).served:
        raise ImpersonationDenied("not_signed_in")
    if getattr(request, "user", None) != own.user:
        # Somebody else by a token, in a browser that is signed in as well.
        raise ImpersonationDenied("not_signed_in")
    if own.is_impersonation:
        raise ImpersonationDenied("nested")
    if own.session_type in NOT_TO_RELY_ON:
        raise ImpersonationDenied("not_signed_in")
    return own


def _reason(reason: Any) -> str | None:
    """The reason as it is stored; None when it is none, or one no database keeps."""
    text = reason.strip() if isinstance(reason, str) else ""
    is_storable = "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
    return text if 1 <= len(text) <= 255 and is_storable else None


def _allow(request: HttpRequest, own: Session, target: Any, why: str | None, now: datetime) -> None:
    try:
        code = refusal(own.user, target)
    # An authentication backend that cannot tell permissions has given none.
    except Exception:
        logger.exception("The permission to impersonate could not be told; it is refused.")
        code = "permission"
    if code:
        raise ImpersonationDenied(code)
    if not policy_allows(request, own.user, target):
        raise ImpersonationDenied("policy")
    if why is None:
        raise ImpersonationDenied("reason")
    if now - own.authenticated_at >= conf.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE:
        raise ImpersonationDenied("stale")


def _backend_for(target: AbstractBaseUser, tie: link.Link | None) -> str:
    """The backend that will load the target on each request: the actor's own if it can."""
    listed = list(settings.AUTHENTICATION_BACKENDS)
    first = [tie.backend] if tie is not None and tie.backend in listed else []
    for path in dict.fromkeys((*first, *listed)):
        if load_backend(path).get_user(target.pk) == target:
            return path
    raise ImpersonationDenied("backend")


def _start(
    request: HttpRequest,
    own: Session,
    target: Any,
    why: str | None,
    backend: str,
    now: datetime,
    record: Callable[[Session], None] | None,
) -> Session:
    state, django_session, actor = state_of(request), request.session, own.user
    tie = link.read(django_session)
    # For the type checker: _own() has seen to it.
    assert state.row is not None and actor is not None  # noqa: S101, PT018
    assert tie is not None and tie.marker is not None  # noqa: S101, PT018
    kept = suspended.data_to_keep(django_session)
    ends_with_browser = django_session.get_expire_at_browser_close()
    sighting = sight(request)
    auth_hash = link.auth_hash_of(target)
    # The own session waits, but no longer than it lasts.
    lifetime = min(conf.SESSIONS_HUB_IMPERSONATION_LIFETIME, own.expires_at - now)
    alias = database()
    with bounded_write(alias):
        # One generation further: an older cookie of the own session is worth nothing,
        # and of two starts at once one comes too late.
        rows = Session.objects.using(alias).filter(
            within_limits(now),
            pk=own.pk,
            user=own.user_id,
            ended_at__isnull=True,
            generation=state.row.generation,
        )
        if not rows.update(
            generation=F("generation") + 1, generation_changed_at=None, updated_at=now
        ):
            raise ImpersonationDenied("not_signed_in")
        tombstones.lay([own.pk], alias)
        # An answer that never came may have left one behind.
        if left := hanging_on(Session, [own.pk], alias):
            end_rows(Session, left, end_values(EndReason.IMPERSONATION_OVER, actor, now), alias)
        session = insert_row(
            target,
            sighting,
            alias,
            issued_at=now,
            proven_at=now,
            age=lifetime,
            now=now,
            session_type=SessionType.IMPERSONATION,
            credentials_digest=digest(CREDENTIALS, auth_hash) if auth_hash else "",
            impersonator=actor,
            impersonator_label=actor.get_username()[:150],
            impersonation_reason=why,
            impersonator_session_id=own.pk,
        )
        if not sighting.snapshot.is_empty:
            # A place of use, of none of the target's devices.
            endpoints.add(session.pk, None, sighting, now, alias)
        if record is not None:
            record(session)
        state.stored = False
        transaction.on_commit(
            partial(_announce, state, request, session, actor), using=alias, robust=True
        )
    # Not before the rows are there: a constraint may speak up as late as with COMMIT, and
    # an emptied session would sign the actor out.
    try:
        django_session.flush()
    except Exception:
        end_over(session.pk, now)
        raise
    held = Suspended(
        impersonation_id=session.pk,
        session_id=own.pk,
        generation=state.row.generation + 1,
        backend=tie.backend,
        factors=tie.marker.factors,
        data=kept,
    )
    sign_in_as(request, target, backend)
    link.write(django_session, link.Marker(session.pk))
    suspended.write(django_session, held)
    # Longer than the row lasts, so that it is the row that tells when it is over.
    django_session.set_expiry(0 if ends_with_browser else 2 * lifetime)
    state.row = None
    state.session_id = session.pk
    state.started, state.proven, state.rotate = True, session, False
    state.auth_hash = auth_hash
    state.suspended = held
    attach(request)
    return session


def _announce(
    state: RequestState, request: HttpRequest, session: Session, actor: AbstractBaseUser
) -> None:
    state.stored = True
    events.emit(
        events.IMPERSONATION_STARTED,
        session_id=session.pk,
        user_id=session.user_id,
        actor_id=actor.pk,
        address=session.ip,
        reason_length=len(session.impersonation_reason),
    )
    signals.impersonation_started.send_robust(
        sender=Session, session=session, actor=actor, request=request
    )
