"""What an end means for impersonations: those that ended, and those that hung on it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sessions_hub import signals

from .choices import SessionType

if TYPE_CHECKING:
    from .session import Session

logger = logging.getLogger(__name__)


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


def tell_ended(model: type[Session], ids: Sequence[UUID], alias: str) -> None:
    """Log the impersonations among sessions that have ended, and send their signal."""
    rows = model._base_manager.using(alias).filter(
        pk__in=ids, session_type=SessionType.IMPERSONATION
    )
    for session in rows.select_related("user", "impersonator").order_by("pk"):
        logger.info(
            "impersonation_ended by=%s user=%s reason=%s session=%s",
            name_in_log(session.impersonator_id),
            name_in_log(session.user_id),
            session.end_reason,
            session.pk,
            extra={
                "impersonator": name_in_log(session.impersonator_id),
                "target": name_in_log(session.user_id),
                "end_reason": session.end_reason,
                "session": str(session.pk),
            },
        )
        signals.impersonation_ended.send_robust(sender=model, session=session)


def name_in_log(key: Any) -> str:
    """A user's key for a log line; "-" for nobody. A key may be a text the user chose."""
    text = "-" if key is None else str(key)
    return text if text.isprintable() else ascii(text)
