"""All that is stored of one user, as JSON: what they may take away (GDPR, article 15 and 20).

Every column is either written out or named as one that is not, with the reason. Secrets
are digests and ciphertext here, and are left out all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken
from sessions_hub.models.client import ClientColumns, PlaceColumns

from .guard import database

__all__ = ["personal_data"]

# Rows that are read at once: a user may have years of them.
BATCH = 200

# What stands elsewhere in the document, is a secret, or means nothing outside.
_KEPT_BACK: dict[type[Model], frozenset[str]] = {
    Device: frozenset({"user", "key_digest", "os_version_key", "client_version_key"}),
    Session: frozenset(
        {
            "user",
            # Keys of other people. Their names are there, as the pages show them.
            "ended_by",
            "impersonator",
            "impersonator_session_id",
            "credentials_digest",
            "django_key_digest",
            "current_fingerprint",
            "generation",
            "generation_changed_at",
            "ip_key",
            "os_version_key",
            "client_version_key",
        }
    ),
    SessionDevice: frozenset(
        {"session", "fingerprint", "ip_key", "os_version_key", "client_version_key"}
    ),
    AuthenticationMethod: frozenset(
        {"session", "provider_access_token", "provider_refresh_token", "upstream_session_id"}
    ),
    SessionToken: frozenset({"session", "digest", "key_id"}),
}
# Of whoever acts as the user, and not the user's.
_OF_THE_CLIENT = frozenset(
    field.name for model in (ClientColumns, PlaceColumns) for field in model._meta.local_fields
)


def personal_data(user: AbstractBaseUser, *, now: datetime) -> Iterator[str]:
    """The pieces of a JSON document with all rows of a user; joined they are one object.

    Devices and sessions in the order of their ids, each session with its places of use,
    its proofs and the hints of its secrets. Reads in batches, so that a document of any
    length is made in little memory; what changes meanwhile may be in it or not. Who acted
    as the user is named, without their client and place.
    """
    head = {
        "object": "personal_data",
        "version": 1,
        "made_at": now,
        "user": {"id": str(user.pk), "username": user.get_username()},
    }
    yield _text(head).removesuffix("}")
    yield ',"devices":['
    yield from _list(_values(device) for batch in _batches(_mine(Device, user)) for device in batch)
    yield '],"sessions":['
    yield from _list(chain.from_iterable(map(_sessions, _batches(_mine(Session, user)))))
    yield "]}\n"


def _mine(model: type[Model], user: AbstractBaseUser) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.using(database()).filter(user=user.pk)
    return rows


def _sessions(batch: list[Session]) -> Iterator[dict[str, Any]]:
    ids = [session.pk for session in batch]
    places = _children(SessionDevice, ids)
    proofs = _children(AuthenticationMethod, ids)
    secrets = _children(SessionToken, ids)
    for session in batch:
        hidden = _OF_THE_CLIENT if session.is_impersonation else frozenset()
        yield {
            **_values(session, hidden),
            "places": [_values(row, hidden) for row in places.get(session.pk, ())],
            "authentication_methods": [_values(row) for row in proofs.get(session.pk, ())],
            "secrets": [_values(row) for row in secrets.get(session.pk, ())],
        }


def _children(model: Any, ids: list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    rows = model._base_manager.using(database()).filter(session_id__in=ids).order_by("pk")
    for row in rows:
        found.setdefault(row.session_id, []).append(row)
    return found


def _values(row: Model, hidden: frozenset[str] = frozenset()) -> dict[str, Any]:
    left_out = _KEPT_BACK[type(row)] | hidden
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in left_out
    }


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    last: UUID | None = None
    while True:
        page = rows if last is None else rows.filter(pk__gt=last)
        batch = list(page.order_by("pk")[:BATCH])
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        last = batch[-1].pk


def _list(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    between = ""
    for item in items:
        yield between + _text(item)
        between = ","


def _text(value: dict[str, Any]) -> str:
    # In ASCII: whatever text a client has sent. Times as RFC 3339.
    return json.dumps(value, cls=DjangoJSONEncoder)
