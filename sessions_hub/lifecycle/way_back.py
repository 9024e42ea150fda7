"""The way back from an impersonation to the impersonator's own session."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.contrib.auth import load_backend
from django.http import HttpRequest

from sessions_hub import tombstones
from sessions_hub.models import EndReason, Session
from sessions_hub.models.querysets import end_row, end_values
from sessions_hub.models.validity import within_limits

from . import credentials, link
from .current import attach
from .digests import CREDENTIALS, digest
from .enforce import sign_out
from .guard import bounded_write, database
from .impersonated import abandon
from .request_user import sign_in_as
from .state import state_of
from .suspended import Suspended

logger = logging.getLogger(__name__)


def end_and_look_behind(held: Suspended, now: datetime) -> Session | None:
    """End the impersonation; the own session, if its user may go back to it."""
    alias = database()
    with bounded_write(alias):
        behind = Session.objects.using(alias).filter(pk=held.impersonation_id)
        rows = Session.objects.using(alias).filter(
            pk=held.session_id,
            pk__in=list(behind.values_list("impersonator_session_id", flat=True)),
        )
        own = rows.select_related("user").first()
        actor = None if own is None else own.user
        values = end_values(EndReason.IMPERSONATION_OVER, actor, now)
        end_row(Session, held.impersonation_id, values, alias)
        if own is None or not _may_go_back(own, held, now):
            return None
        # Once, whatever old cookie is sent again.
        waiting = rows.filter(within_limits(now), generation=held.generation, ended_at__isnull=True)
        is_back = waiting.update(
            generation=held.generation + 1,
            generation_changed_at=None,
            last_used_at=max(now, own.last_used_at),
            updated_at=now,
            # The hash of today, where SECRET_KEY was rotated meanwhile.
            credentials_digest=digest(CREDENTIALS, link.auth_hash_of(actor))
            if own.credentials_digest
            else "",
        )
        tombstones.lay([own.pk], alias)
    return own if is_back else None


def _may_go_back(own: Session, held: Suspended, now: datetime) -> bool:
    user = own.user
    if user is None or not own.is_active(now):
        return False
    if not credentials.still_match(user, own.credentials_digest):
        return False
    # As on every request: the backend of the sign-in must still be there and know them.
    if held.backend not in settings.AUTHENTICATION_BACKENDS:
        return False
    return bool(load_backend(held.backend).get_user(user.pk) == user)


def go_back(request: HttpRequest, own: Session, held: Suspended) -> None:
    """Make the request one of the own session again, with a new key."""
    state, django_session = state_of(request), request.session
    django_session.flush()
    sign_in_as(request, own.user, held.backend)
    for key, value in held.data.items():
        django_session[key] = value
    generation = held.generation + 1
    link.write(django_session, link.Marker(own.pk, generation, held.factors))
    state.row = state.suspended = state.own = state.proven = None
    state.session_id = own.pk
    state.returned = held._replace(generation=generation)
    state.started = state.rotate = False
    state.auth_hash = link.auth_hash_of(own.user)
    attach(request)


def leave_signed_out(request: HttpRequest, held: Suspended, now: datetime) -> None:
    """Sign the browser out: there is no session to go back to."""
    state = state_of(request)
    state.row = state.session_id = state.proven = state.suspended = state.own = None
    state.started = False
    sign_out(request)
    attach(request)
    try:
        abandon(held, now)
    except Exception:
        # The browser is signed out; a row that says so less soon harms nobody.
        logger.warning("A session nobody can go back to was not ended.", exc_info=True)
