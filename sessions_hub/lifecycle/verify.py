"""Asking after a session outside a request: WebSockets and event streams outlive theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import connections, router
from django.utils import timezone

from sessions_hub.models import Session, SessionType

from . import verdict_cache
from .credentials import still_match
from .guard import database
from .impersonated import still_stands
from .policy import Verdict, evaluate
from .verdicts import VerdictRow, fetch_verdict, is_held


def verify(session: Session | UUID, *, now: datetime | None = None) -> bool:
    """Whether a session is still good: not ended, within its limits, not to be proven again
    first, of a user who is there, is active and has the password it was signed in with. An
    impersonation only while its impersonator could go on with it in a request.

    Costs the verdict (by the cache, where SESSIONS_HUB_CACHE names one; not for a `now`
    of the caller's own) and a SELECT of the user; for an impersonation two more, and
    Django's for permissions. Writes nothing: asking is not using. Raises django.db.Error
    where the database does not tell, and what an authentication backend raises: that is
    no "yes".
    """
    alias = database()
    pk = session if isinstance(session, UUID) else session.pk
    # What is in the cache counts from the real time.
    row = (
        verdict_cache.fetch(pk, None, None, alias, timezone.now())
        if now is None
        else fetch_verdict(pk, alias)
    )
    now = now or timezone.now()
    if row is None or evaluate(row, now) is not Verdict.VALID:
        return False
    model = get_user_model()
    # As Django's ModelBackend finds a user, but never on a replica.
    users = model._default_manager.using(router.db_for_write(model))
    user = users.filter(pk=row.user_id).first()
    if user is None or not getattr(user, "is_active", True):
        return False
    if not _is_open(row, user):
        # The cache may not know yet that this session was proven, or kept when the
        # password changed.
        row = fetch_verdict(pk, alias)
        if row is None or evaluate(row, now) is not Verdict.VALID or not _is_open(row, user):
            return False
    return row.session_type != SessionType.IMPERSONATION or still_stands(pk, now)


def _is_open(row: VerdictRow, user: Any) -> bool:
    return not is_held(row) and still_match(user, row.credentials_digest)


def _verify(session: Session | UUID, now: datetime | None) -> bool:
    aliases = {database(), router.db_for_write(get_user_model())}
    for alias in aliases:
        if connections[alias].errors_occurred:
            # It broke while nothing was asked, as long streams will see.
            connections[alias].close_if_unusable_or_obsolete()
    closed = [alias for alias in aliases if connections[alias].connection is None]
    try:
        return verify(session, now=now)
    finally:
        # A thousand streams must not hold a thousand connections between two questions.
        # One that was open may be in use, by a cursor of the stream's own.
        for alias in closed:
            connections[alias].close_if_unusable_or_obsolete()


async def averify(session: Session | UUID, *, now: datetime | None = None) -> bool:
    """`verify()` for async code, to be asked every few seconds of a long connection.

    Closes the database connections that it opened as the end of a request would.
    """
    answer: Any = await sync_to_async(_verify)(session, now)
    return bool(answer)
