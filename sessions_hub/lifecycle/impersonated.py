"""Requests of an impersonation: whether it may go on, and what becomes of it when not."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, Value
from django.db.models.functions import Least
from django.utils import timezone

from sessions_hub.models import EndReason, Session
from sessions_hub.models.querysets import end_row, end_values

from . import credentials
from .guard import bounded_write, database
from .impersonation_rules import refusal
from .suspended import Suspended


def own_session(session_id: UUID, held: Suspended | None, now: datetime) -> Session | None:
    """The impersonator's own session while the impersonation may go on; None when it is over.

    It is over when the impersonator is disabled, deleted or demoted, has another
    password, or is signed out; when the target is disabled or has been promoted. One
    SELECT, and Django's for permissions. Raises what the database or an authentication
    backend raises: nobody goes on unjudged.
    """
    if held is None:
        return None
    rows = Session.objects.using(database()).select_related("user")
    found = rows.in_bulk([session_id, held.session_id])
    impersonation, own = found.get(session_id), found.get(held.session_id)
    # Of another generation: somebody has gone back to it since.
    if own is None or own.generation != held.generation:
        return None
    return own if _stands_on(impersonation, own, now) else None


def still_stands(session_id: UUID, now: datetime) -> bool:
    """Whether an impersonation may go on, asked outside a request: no ticket tells here.

    Two SELECTs, and Django's for permissions. Raises as `own_session()` does.
    """
    rows = Session.objects.using(database()).select_related("user")
    impersonation = rows.filter(pk=session_id).first()
    if impersonation is None or impersonation.impersonator_session_id is None:
        return False
    own = rows.filter(pk=impersonation.impersonator_session_id).first()
    return _stands_on(impersonation, own, now)


def _stands_on(impersonation: Session | None, own: Session | None, now: datetime) -> bool:
    if impersonation is None or own is None or own.user is None:
        return False
    return (
        impersonation.impersonator_session_id == own.pk
        and impersonation.impersonator_id == own.user_id
        and own.is_active(now)
        and refusal(own.user, impersonation.user) is None
        and credentials.still_match(own.user, own.credentials_digest)
    )


def touch_own(own: Session, now: datetime) -> None:
    """Note that the impersonator is there: a rest limit of their own session starts anew.

    Its absolute limit stays.
    """
    values: dict[str, Any] = {"last_used_at": max(now, own.last_used_at)}
    if own.idle_timeout is not None:
        values["idle_expires_at"] = Least(Value(now + own.idle_timeout), F("expires_at"))
    alias = database()
    with bounded_write(alias):
        Session.objects.using(alias).filter(pk=own.pk, ended_at__isnull=True).update(**values)


def end_over(session_id: UUID, now: datetime) -> None:
    """End an impersonation that may not go on."""
    alias = database()
    values = end_values(EndReason.IMPERSONATION_OVER, None, now)
    with bounded_write(alias):
        end_row(Session, session_id, values, alias)


def abandon(held: Suspended | None, now: datetime | None = None) -> None:
    """End an own session that no browser can go back to any more.

    Not one that somebody has gone back to, whatever old cookie is sent again.
    """
    if held is None:
        return
    now = now or timezone.now()
    alias = database()
    with bounded_write(alias):
        rows = Session.objects.using(alias).select_related("user")
        own = rows.filter(pk=held.session_id, ended_at__isnull=True).first()
        known = rows.filter(pk=held.impersonation_id).first()
        is_its_own = known is None or known.impersonator_session_id == held.session_id
        if own is not None and is_its_own:
            values = end_values(_why(own), None, now)
            end_row(Session, own.pk, values, alias, Q(generation=held.generation))


def _why(own: Session) -> EndReason:
    if own.user is None or not getattr(own.user, "is_active", True):
        return EndReason.USER_DISABLED
    if not credentials.still_match(own.user, own.credentials_digest):
        return EndReason.CREDENTIALS_CHANGED
    return EndReason.SIGNED_OUT


def end_of_impersonator(user_id: Any, now: datetime, alias: str) -> None:
    """End the impersonations of a user who is being deleted."""
    rows = Session.objects.using(alias).filter(impersonator=user_id)
    rows.end(EndReason.IMPERSONATION_OVER, now=now)


def sign_out_both(held: Suspended) -> None:
    """End an impersonation and the own session behind it: the browser signs out.

    Whoever clicks "sign out" leaves the computer; nobody behind them is to find the
    impersonator's session.
    """
    now = timezone.now()
    alias = database()
    with bounded_write(alias):
        rows = Session.objects.using(alias).select_related("impersonator")
        impersonation = rows.filter(pk=held.impersonation_id).first()
        actor = impersonation.impersonator if impersonation is not None else None
        over = end_values(EndReason.IMPERSONATION_OVER, actor, now)
        end_row(Session, held.impersonation_id, over, alias)
        out = end_values(EndReason.SIGNED_OUT, actor, now)
        end_row(Session, held.session_id, out, alias, Q(generation=held.generation))


def end_replaced(
    session_id: UUID, held: Suspended | None, user: Any, now: datetime, alias: str
) -> None:
    """End the session that another sign-in of the same browser replaces."""
    replaced = end_values(EndReason.REPLACED, user, now)
    if held is None or held.impersonation_id != session_id:
        end_row(Session, session_id, replaced, alias, impersonations=False)
        return
    over = end_values(EndReason.IMPERSONATION_OVER, user, now)
    end_row(Session, session_id, over, alias)
    end_row(Session, held.session_id, replaced, alias, Q(generation=held.generation))
