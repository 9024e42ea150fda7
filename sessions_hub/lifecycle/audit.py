"""What staff did, written down: one event in the log, and one entry in the admin's history.

Values that people send are written as JSON in ASCII: no line break, escape sequence or
change of direction in them reaches a terminal, and none begins a line of its own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.apps import apps
from django.db import transaction
from django.http import HttpRequest

from sessions_hub import events
from sessions_hub.models import Session

from .exceptions import ActionNotRecorded
from .guard import database
from .sighting import snapshot_of

# As Django's admin numbers them: ADDITION, CHANGE, DELETION.
ADDED, CHANGED, DELETED = 1, 2, 3

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Actor:
    """A member of staff who acts, and from where.

    `via` names what acts where that is no request: "command". Its `user` may be None then.
    """

    user: Any
    address: str = ""
    via: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """Who is signed in, by cookie or by token, and their address."""
        return cls(getattr(request, "user", None), snapshot_of(request).address)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What was done: the event, to which row, and what else is to be known."""

    event: events.Event
    flag: int = CHANGED
    # The id of the session it was done to; empty where there are several.
    session: Any = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def record(actor: Actor, deed: Deed) -> Any:
    """Write down a deed, inside the transaction it is done in; return the entry, if any.

    The event is logged once that is committed. Raises ActionNotRecorded where the entry
    cannot be written: what is not written down must not be done.
    """
    entry = enter(actor, deed)
    tell(actor, deed)
    return entry


def tell(actor: Actor, deed: Deed) -> None:
    """Log a deed, once what was done is committed."""
    transaction.on_commit(partial(_log, actor, deed), using=database(), robust=True)


def _log(actor: Actor, deed: Deed) -> None:
    facts = dict.fromkeys(deed.event.fields) | dict(deed.facts)
    events.emit(
        deed.event,
        **facts
        | {
            "actor_id": getattr(actor.user, "pk", None),
            "address": actor.address,
            "session_id": deed.session or None,
            "via": actor.via,
        },
    )


def _facts(actor: Actor, deed: Deed) -> Mapping[str, Any]:
    return {**deed.facts, "via": actor.via} if actor.via else deed.facts


def enter(actor: Actor, deed: Deed) -> Any:
    """Write a deed into the admin's history; None where there is no admin.

    That is a history of users: a command that runs in nobody's name is in the log alone.
    Raises ActionNotRecorded, whatever the cause.
    """
    if actor.user is None or not apps.is_installed("django.contrib.admin"):
        return None
    try:
        # By name: a site without the admin has no such table.
        entries: Any = apps.get_model("admin", "LogEntry")._default_manager
        types: Any = apps.get_model("contenttypes", "ContentType")._default_manager
        return entries.create(
            user_id=actor.user.pk,
            content_type=types.get_for_model(Session),
            object_id=str(deed.session),
            object_repr=str(deed.session) or str(Session._meta.verbose_name_plural),
            action_flag=deed.flag,
            change_message=_message(actor, deed),
        )
    except Exception as error:
        raise ActionNotRecorded("The action could not be written down.") from error


def complete(entry: Any, actor: Actor, deed: Deed) -> None:
    """Let an entry that was written ahead say what came of it. Never raises."""
    if entry is None:
        return
    try:
        rows = type(entry)._default_manager.using(entry._state.db).filter(pk=entry.pk)
        # A savepoint: a fault here must not undo the ends of a request in one transaction.
        with transaction.atomic(using=entry._state.db):
            rows.update(change_message=_message(actor, deed))
    except Exception:
        # It has been done, and the entry says what was meant; the log says how many.
        logger.exception("The entry of what staff did could not be completed.")


def _message(actor: Actor, deed: Deed) -> str:
    facts = _facts(actor, deed)
    return f"{deed.event.name} {_inert({'address': actor.address, **facts})}"


def _inert(value: Any) -> str:
    return json.dumps(value, default=str, separators=(",", ":"), sort_keys=True)
