"""What an end is told of, and what it means for the impersonations that hung on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sessions_hub import events, signals

from .choices import SessionType

if TYPE_CHECKING:
    from .session import Session


def hanging_on(model: type[Session], ids: Sequence[UUID], alias: str) -> list[UUID]:
    """The impersonations that have not ended and were started from one of these sessions."""
    rows = model._base_manager.using(alias)
    return list(
        # By the impersonator as well: that column has an index.
        rows.filter(
            impersonator__in=rows.filter(pk__in=ids).values("user"),
            impersonator_session_id__in=ids,
            ended_at__isnull=True,
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def tell_ended(
    model: type[Session], ids: Sequence[UUID], alias: str, *, impersonations: bool = True
) -> None:
    """Log sessions that have ended, and send their signals.

    Without `impersonations` none of them is known to be one. One SELECT, and none where
    nobody listens.
    """
    is_heard = signals.session_ended.has_listeners(model)
    rows = model._base_manager.using(alias).filter(pk__in=ids).order_by("pk")
    if not is_heard and not events.is_heard(events.SESSION_ENDED):
        if not impersonations:
            return
        rows = rows.filter(session_type=SessionType.IMPERSONATION)
    if impersonations:
        rows = rows.select_related("user", "impersonator")
    for session in rows:
        _log(session)
        if is_heard:
            signals.session_ended.send_robust(sender=model, session=session)
        if session.session_type == SessionType.IMPERSONATION:
            signals.impersonation_ended.send_robust(sender=model, session=session)


def _log(session: Session) -> None:
    told = {
        "session_id": session.pk,
        "user_id": session.user_id,
        "reason": session.end_reason,
    }
    if session.session_type == SessionType.IMPERSONATION:
        events.emit(events.IMPERSONATION_ENDED, actor_id=session.impersonator_id, **told)
        return
    events.emit(
        events.SESSION_ENDED,
        session_type=session.session_type,
        actor_id=session.ended_by_id,
        **told,
    )
