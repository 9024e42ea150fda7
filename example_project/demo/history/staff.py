"""What the staff of the history do: extend sessions, and act as others."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from example_project.demo.draw import Draw
from sessions_hub.models import EndReason, Session, SessionType

from .people import Person
from .sitting import Sitting

REASONS = (
    "Ticket 4711: cannot find the invoice",
    "Ticket 4802: export ends with an error",
    "Asked on the phone to look at the settings together",
    "Ticket 4955: totals differ from the report",
)
_MINUTE = timedelta(minutes=1)


def extend(sitting: Sitting, actor: User, at: datetime) -> None:
    """Extend somebody's session, as the admin does, which writes it down."""
    if not sitting.extend(at):
        return
    pk, until = str(sitting.session.pk), sitting.session.expires_at
    facts = {"address": "192.0.2.10", "expires_at": until.isoformat()}
    sitting.rows.entries.append(
        LogEntry(
            action_time=at,
            user=actor,
            content_type=ContentType.objects.get_for_model(Session),
            object_id=pk,
            object_repr=pk,
            action_flag=CHANGE,
            change_message=f"staff_extended_session {json.dumps(facts)}",
        )
    )


def act_as(own: Sitting, target: Person, draw: Draw, now: datetime) -> None:
    """Act as somebody from an own session, a little after its sign-in.

    Nothing happens where the own session does not last until the way back.
    """
    session, numbers = own.session, draw.numbers
    # The proof has to be fresh.
    begun = session.issued_at + numbers.uniform(1, 9) * _MINUTE
    over = begun + numbers.uniform(2, 25) * _MINUTE
    ended = session.ended_at or now
    gone_at = target.gone_at or now
    if own.origin is None or over >= min(ended, own.limit, gone_at):
        return
    acting = Sitting(
        own.rows,
        Session(
            user=target.user,
            issued_at=begun,
            session_type=SessionType.IMPERSONATION,
            credentials_digest=target.credentials_at(begun),
            impersonator=session.user,
            impersonator_label=getattr(session.user, "username", ""),
            impersonation_reason=numbers.choice(REASONS),
            impersonator_session_id=session.pk,
        ),
        device=None,
        age=min(60 * _MINUTE, session.expires_at - begun),
    )
    acting.begin(own.origin, [])
    acting.use(begun + (over - begun) * 0.9)
    acting.end(over, EndReason.IMPERSONATION_OVER, session.user)
    # One generation on the way in, one on the way back.
    session.generation += 2
    session.last_used_at = max(session.last_used_at, over)
    session.updated_at = max(session.updated_at, over)
