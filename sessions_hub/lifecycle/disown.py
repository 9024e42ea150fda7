"""The link in a mail that ends a session without a sign-in: “not me”."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db.models import F

from sessions_hub.models import Device, EndReason, Session
from sessions_hub.models.querysets import end_row, end_values

from .guard import bounded_write, database

# How long a link can be used.
LINK_AGE = timedelta(days=7)
# Of this purpose alone: a token made for anything else is none here.
_SALT = "sessions_hub.not_me"
_LONGEST = 256


def make_token(session_id: UUID) -> str:
    """The secret of a link that disowns a session; good for LINK_AGE."""
    return _signer().sign(session_id.hex)


def read_token(token: str) -> UUID | None:
    """The session a token disowns; None for a token that is forged, spoilt or too old."""
    if len(token) > _LONGEST:
        return None
    try:
        return UUID(_signer().unsign(token, max_age=LINK_AGE))
    except (signing.BadSignature, ValueError):
        return None


def disown(session_id: UUID, *, now: datetime) -> bool:
    """End a session as `compromised` and forget the devices that came with it.

    A forgotten device is a new one at its next sign-in, which is told of again.
    Returns False when the session had ended already or does not exist. Raises
    django.db.DatabaseError.
    """
    alias = database()
    with bounded_write(alias):
        session = Session.objects.using(alias).select_related("user").filter(pk=session_id).first()
        if session is None:
            return False
        # The link went to the user's own mailbox.
        values = end_values(EndReason.COMPROMISED, session.user, now)
        ended = end_row(Session, session_id, values, alias)
        # Those the user had before this sign-in are theirs.
        came_with = Device.objects.using(alias).filter(
            session_devices__session=session_id,
            first_seen_at__gte=F("session_devices__session__issued_at"),
            forgotten_at__isnull=True,
        )
        ids = set(came_with.values_list("pk", flat=True))
        if ids:
            devices = Device.objects.using(alias).filter(pk__in=ids)
            devices.update(forgotten_at=now, key_digest=None)
    return ended


def _signer() -> signing.TimestampSigner:
    # A dot, since some mail programs break links at a colon.
    return signing.TimestampSigner(salt=_SALT, sep=".")
