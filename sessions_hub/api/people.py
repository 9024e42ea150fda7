"""Users as JSON: whose a session is, who ended it, and who used it in their name."""

from __future__ import annotations

import json
import logging
from typing import Any, TypedDict

from django.contrib.auth.models import AbstractBaseUser
from django.db import router
from django.utils.module_loading import import_string
from rest_framework.utils.encoders import JSONEncoder

from sessions_hub.conf import conf
from sessions_hub.lifecycle.guard import sheltered
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import Session

logger = logging.getLogger(__name__)


class UserObject(TypedDict):
    """Whose session it is, where SESSIONS_HUB_USER_SERIALIZER says nothing else."""

    id: str
    username: str
    display: str


class ActorObject(TypedDict):
    """Who ended a session; `id` is null once that user is deleted."""

    id: str | None
    username: str


class ImpersonatorObject(TypedDict):
    """Who used the session in the user's name, and why."""

    email: str
    reason: str


def user_object(user: AbstractBaseUser) -> UserObject | dict[str, Any]:
    """What SESSIONS_HUB_USER_SERIALIZER makes of a user; the default keys without it.

    Those too where it fails or makes what is no JSON object: an answer is not refused
    because of it, and shows no more than it would without.
    """
    if (path := conf.SESSIONS_HUB_USER_SERIALIZER) is None:
        return _default(user)
    try:
        with sheltered(router.db_for_read(type(user), instance=user)):
            made = import_string(path)(user)
        return _as_json(made)
    except Exception as error:  # noqa: BLE001
        log_once_a_minute(
            logger,
            logging.ERROR,
            "user",
            "SESSIONS_HUB_USER_SERIALIZER failed; users are shown by their default keys: %s",
            error,
            exc_info=True,
        )
        return _default(user)


class UserObjects:
    """`user_object()`, asked once per user of an answer: a list has many rows of one."""

    def __init__(self) -> None:
        self._made: dict[Any, UserObject | dict[str, Any]] = {}

    def __call__(self, user: AbstractBaseUser) -> UserObject | dict[str, Any]:
        if user.pk not in self._made:
            self._made[user.pk] = user_object(user)
        return self._made[user.pk]


def actor_object(session: Session) -> ActorObject | None:
    """Who ended the session; None where nobody did."""
    if session.ended_by_id is None and not session.ended_by_label:
        return None
    actor = None if session.ended_by_id is None else str(session.ended_by_id)
    return {"id": actor, "username": session.ended_by_label}


def impersonator_object(session: Session) -> ImpersonatorObject | None:
    """Who acts as the session's user; None where nobody does."""
    person = session.impersonator
    if person is None and not session.impersonator_label:
        return None
    email = "" if person is None else getattr(person, person.get_email_field_name(), "")
    return {
        "email": email or session.impersonator_label,
        "reason": session.impersonation_reason,
    }


def _default(user: AbstractBaseUser) -> UserObject:
    name = user.get_full_name().strip() if hasattr(user, "get_full_name") else ""
    username = user.get_username()
    return {"id": str(user.pk), "username": username, "display": name or username}


def _as_json(made: Any) -> dict[str, Any]:
    if not isinstance(made, dict):
        if hasattr(made, "close"):
            # A coroutine nobody awaits.
            made.close()
        raise TypeError(f"It returned {type(made).__name__}, not a dict.")
    # What cannot be written down is to fail here, not while the answer is sent.
    written: dict[str, Any] = json.loads(json.dumps(made, cls=JSONEncoder, allow_nan=False))
    return written
