"""What a sign-in does to its user's other sessions: too many, on the same device, elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connections

from sessions_hub.conf import conf
from sessions_hub.models import EndReason, Session, SessionDevice, SessionType
from sessions_hub.models.querysets import end_row, end_rows, end_values
from sessions_hub.models.validity import within_limits

from .exceptions import TooManySessions
from .policy import PROGRAMS

# Neither counted nor ended: programs, and staff who look at a user's account.
_APART = frozenset({*PROGRAMS, SessionType.IMPERSONATION})


def concerns_others(kind: str) -> bool:
    """Whether the settings make a sign-in of this type look at the user's other sessions."""
    return kind not in _APART and bool(
        conf.SESSIONS_HUB_MAX_SESSIONS is not None
        or conf.SESSIONS_HUB_ONE_SESSION_PER_DEVICE
        or conf.SESSIONS_HUB_END_OTHERS_AT_SIGN_IN
    )


def lock_user(user: Any, alias: str) -> None:
    """Let the sign-ins of one user pass one after the other, until the transaction ends."""
    # Where the database can, without keeping out rows that merely refer to the user.
    no_key = connections[alias].features.has_select_for_no_key_update
    users = get_user_model()._base_manager.using(alias).select_for_update(no_key=no_key)
    users.filter(pk=user.pk).values_list("pk").first()


def end_others(session: Session, device_id: UUID | None, now: datetime, alias: str) -> None:
    """End what the new `session` leaves no room for. Call it with the user locked.

    Sees all who were here before, at READ COMMITTED, which is Django's default.

    Raises TooManySessions where SESSIONS_HUB_MAX_SESSIONS_ACTION is "refuse".
    """
    rows = Session.objects.using(alias).filter(
        within_limits(now), user=session.user_id, ended_at__isnull=True
    )
    rows = rows.exclude(pk=session.pk).exclude(session_type__in=_APART)
    live = list(rows.order_by("pk").values_list("pk", flat=True))
    here = _on_device(live, device_id, alias)
    for reason, ids in choose(
        live,
        here,
        limit=conf.SESSIONS_HUB_MAX_SESSIONS,
        refuses=conf.SESSIONS_HUB_MAX_SESSIONS_ACTION == "refuse",
        ends_all=conf.SESSIONS_HUB_END_OTHERS_AT_SIGN_IN,
    ):
        values = end_values(reason, session.user, now)
        if len(ids) == 1:
            end_row(Session, ids[0], values, alias)
        elif ids:
            end_rows(Session, ids, values, alias)


def choose(
    live: Sequence[UUID],
    here: Iterable[UUID],
    *,
    limit: int | None,
    refuses: bool,
    ends_all: bool,
) -> list[tuple[EndReason, list[UUID]]]:
    """Which of a user's `live` sessions, oldest first, a new one ends, and why. Pure.

    `here` are those on the new one's device, where that matters. Raises
    TooManySessions when the new one would be one too many and may not end another.
    """
    if ends_all:
        return [(EndReason.REVOKED_BY_POLICY, list(live))]
    replaced = set(here)
    left = [one for one in live if one not in replaced]
    too_many = 0 if limit is None else max(0, len(left) + 1 - limit)
    if too_many and refuses:
        raise TooManySessions("The user is signed in as often as SESSIONS_HUB_MAX_SESSIONS allows.")
    return [
        (EndReason.REPLACED, [one for one in live if one in replaced]),
        (EndReason.LIMIT, left[:too_many]),
    ]


def _on_device(live: list[UUID], device_id: UUID | None, alias: str) -> list[UUID]:
    if not (live and device_id and conf.SESSIONS_HUB_ONE_SESSION_PER_DEVICE):
        return []
    places = SessionDevice._base_manager.using(alias).filter(
        device_id=device_id, session_id__in=live
    )
    return list(places.values_list("session_id", flat=True))
