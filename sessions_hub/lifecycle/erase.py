"""What happens to a user's rows when the user is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When

from sessions_hub import tombstones
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    EndReason,
    Session,
    SessionDevice,
    SessionToken,
)
from sessions_hub.models.querysets import BATCH

from .deleting import delete

# Of the client and place columns, what points to a person; the rest is statistics.
_PERSONAL: dict[str, Any] = {
    "user_agent": "",
    "client_hints": {},
    "device_model": "",
    "ip": None,
    "ip_key": "",
    "region": "",
    "city": "",
    "latitude": None,
    "longitude": None,
}

# A client without a code is called what it calls itself, which may be anything. Decided
# in the statement that blanks the rest: reparsesessions may name it anew in between.
_SELF_NAMED: dict[str, Any] = {
    name: Case(When(client_code="", then=Value("")), default=F(name))
    for name in ("client_name", "client_version", "client_version_key")
}


def delete_rows(ids: list[UUID], alias: str) -> int:
    """Delete sessions and all that hangs on them, in the caller's transaction.

    Raises django.db.IntegrityError where a model of the site keeps one of them.
    """
    for child in (SessionToken, AuthenticationMethod, SessionDevice):
        delete(child._base_manager.using(alias).filter(session_id__in=ids))
    return delete(Session._base_manager.using(alias).filter(pk__in=ids))


def delete_of_user(user_id: Any, alias: str) -> None:
    """Delete all rows of a user, in bounded batches."""
    for ids in _batches(Session.objects.using(alias).filter(user=user_id), BATCH):
        with transaction.atomic(using=alias):
            delete_rows(ids, alias)
            tombstones.lay(ids, alias)
    _delete_devices(user_id, alias)


def anonymize_user(user_id: Any, now: datetime, alias: str) -> None:
    """End a user's sessions, blank what points to a person and cut the link to the user."""
    for _rows in anonymizing_user(user_id, now, alias):
        pass


def anonymizing_user(user_id: Any, now: datetime, alias: str) -> Iterator[int]:
    """`anonymize_user()` batch by batch: yields how many sessions each has made nobody's.

    Left in the middle, it has ended all sessions; another run does the rest.
    """
    sessions = Session.objects.using(alias).filter(user=user_id)
    sessions.end(EndReason.USER_DISABLED, now=now)
    for ids in _batches(sessions, BATCH):
        with transaction.atomic(using=alias):
            delete(SessionToken._base_manager.using(alias).filter(session_id__in=ids))
            AuthenticationMethod._base_manager.using(alias).filter(session_id__in=ids).update(
                factor="",
                provider_uid="",
                provider_access_token="",
                provider_refresh_token="",
                upstream_session_id="",
            )
            places = SessionDevice._base_manager.using(alias).filter(session_id__in=ids)
            # The fingerprint is a digest of the address: a random one keeps rows apart.
            for place in places:
                SessionDevice._base_manager.using(alias).filter(pk=place.pk).update(
                    fingerprint=place.pk.hex, device=None, **_PERSONAL, **_SELF_NAMED
                )
            mine = Session._base_manager.using(alias).filter(pk__in=ids)
            # Whoever else ended one stays named; the user who signed out does not.
            mine.filter(ended_by=user_id).update(ended_by=None, ended_by_label="")
            mine.update(
                user=None,
                name="",
                audience="",
                metadata={},
                impersonation_reason="",
                credentials_digest="",
                django_key_digest=None,
                current_fingerprint="",
                updated_at=now,
                **_PERSONAL,
                **_SELF_NAMED,
            )
        yield len(ids)
    _delete_devices(user_id, alias)


def _delete_devices(user_id: Any, alias: str) -> None:
    devices = Device._base_manager.using(alias).filter(user=user_id)
    for ids in _batches(devices, BATCH):
        with transaction.atomic(using=alias):
            SessionDevice._base_manager.using(alias).filter(device_id__in=ids).update(device=None)
            delete(Device._base_manager.using(alias).filter(pk__in=ids))


def _batches(rows: QuerySet[Any], size: int) -> Iterator[list[UUID]]:
    last: UUID | None = None
    while True:
        page = rows.order_by("pk") if last is None else rows.order_by("pk").filter(pk__gt=last)
        ids = list(page.values_list("pk", flat=True)[:size])
        if not ids:
            return
        yield ids
        last = ids[-1]
