"""Which tenant and workspace a session is in: asked at the sign-in, switched later."""

from __future__ import annotations

import logging
from datetime import datetime
from inspect import iscoroutine
from typing import Any, NamedTuple
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string

from sessions_hub import signals
from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import Session

from .current import attach, current_session
from .exceptions import NotSignedIn, SessionsHubError
from .guard import bounded_write, database, sheltered
from .state import plain_request, state_of

logger = logging.getLogger(__name__)

LONGEST = 64


class TenantNotSwitched(SessionsHubError):
    """The session has ended, is an impersonation, or does not exist."""


class Place(NamedTuple):
    """A tenant and a workspace of it; empty where there is none."""

    tenant_id: str = ""
    workspace_id: str = ""


def place_at_sign_in(request: HttpRequest, user: Any, alias: str) -> Place:
    """What SESSIONS_HUB_TENANT says of a sign-in; nowhere without it.

    Whatever it does wrong is logged and leaves both empty: a sign-in is not refused
    because of it, and an empty tenant is nobody's.
    """
    path = conf.SESSIONS_HUB_TENANT
    if path is None:
        return Place()
    try:
        with sheltered(alias):
            answer = import_string(path)(request, user)
        return _place(answer)
    except Exception as error:  # noqa: BLE001
        log_once_a_minute(
            logger,
            logging.ERROR,
            "tenant",
            "SESSIONS_HUB_TENANT did not tell the tenant of a sign-in, which has none now: %s",
            error,
            exc_info=True,
        )
        return Place()


def _place(answer: Any) -> Place:
    if iscoroutine(answer):
        answer.close()
        raise TypeError("It is async; sign-ins are recorded by sync code.")
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise TypeError(f"It returned {type(answer).__name__}, not (tenant, workspace).")
    return place_of(*answer)


def place_of(tenant: Any, workspace: Any) -> Place:
    """Both as they are stored; None is none.

    Raises TypeError for anything but text, whole numbers and UUIDs, and ValueError for
    more than 64 characters, for what no database stores, and for a workspace alone.
    """
    place = Place(_text(tenant, "tenant"), _text(workspace, "workspace"))
    if place.workspace_id and not place.tenant_id:
        raise ValueError("A workspace needs a tenant.")
    return place


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int | UUID) or isinstance(value, bool):
        raise TypeError(f"The {name} is {type(value).__name__}, not text.")
    text = str(value)
    if len(text) > LONGEST:
        raise ValueError(f"The {name} has {len(text)} characters; {LONGEST} are kept.")
    if "\x00" in text or not text.isprintable():
        raise ValueError(f"The {name} has characters that cannot be printed.")
    return text


def switch_tenant(
    session: HttpRequest | Session,
    tenant: Any,
    workspace: Any = "",
    *,
    now: datetime | None = None,
) -> Session:
    """Move a live session to another tenant, and return it as it is then.

    Takes a request that is signed in, or a session. Whether the user may be there is
    for the caller to know. Empty texts leave all tenants. `tenant_switched` is sent
    when anything has changed.

    Raises NotSignedIn for a request without a session, TenantNotSwitched for a session
    that has ended, for an impersonation (whose place is where it was begun) and for one
    that does not exist; TypeError and ValueError for what `place_of()` refuses, and
    django.db.Error when it could not be stored. Nothing is changed then.
    """
    now = now or timezone.now()
    place = place_of(tenant, workspace)
    request = None if isinstance(session, Session) else plain_request(session)
    pk = session.pk if isinstance(session, Session) else _id_in(session)
    alias = database()
    with bounded_write(alias):
        # Locked, so that of two switches at once each tells rightly what was before. By its
        # key alone: MariaDB may take another index for what stands beside it, and locks in
        # the other order than an end does.
        row = Session.objects.using(alias).filter(pk=pk)
        found = row.select_for_update().first()
        if found is None or found.is_impersonation or found.how_ended(now) is not None:
            raise TenantNotSwitched("It has ended, is an impersonation, or does not exist.")
        before = Place(found.tenant_id, found.workspace_id)
        if place == before:
            return found
        row.update(**place._asdict(), updated_at=now)
        found.tenant_id, found.workspace_id = place
        found.updated_at = now
        signals.send_on_commit(
            signals.tenant_switched,
            Session,
            alias,
            session=found,
            request=request,
            previous=tuple(before),
        )
    if request is not None and state_of(request).served:
        # It may have been looked at before the switch.
        attach(request)
    return found


aswitch_tenant = sync_to_async(switch_tenant)


def _id_in(request: HttpRequest) -> UUID:
    found = current_session(request)
    if found is None:
        raise NotSignedIn("The request is in no session that is known here.")
    return found.pk
