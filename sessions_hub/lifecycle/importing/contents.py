"""What is in a stored session: read with the site's own engine, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing

from .sources import Stored


class Unreadable(Exception):
    """What is stored is no session data, or was signed with a key the site has no more."""


class Contents(NamedTuple):
    """The data of a session, and until when it lasts."""

    data: Mapping[str, Any]
    expires_at: datetime


def new_store(key: str | None = None) -> SessionBase:
    """A session of the site's engine."""
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return store


def decoded(text: str) -> Mapping[str, Any]:
    """Session data as the engine decodes it. Raises Unreadable."""
    store: Any = new_store()
    try:
        data = store.decode(text)
        if not data:
            # It says nothing for a broken one as well: asked once more, by what does.
            data = signing.loads(text, salt=store.key_salt, serializer=store.serializer)
    # The serializer may be the site's own, and fail in any way.
    except Exception as error:
        raise Unreadable from error
    if not isinstance(data, Mapping):
        raise Unreadable
    return data


def contents(row: Stored, now: datetime) -> Contents:
    """What is in a session; nothing where the store has it no more. Raises Unreadable.

    Where the table has no data, the engine is asked, session by session.
    """
    if row.data is not None and row.expires_at is not None:
        return Contents(decoded(row.data), row.expires_at)
    store: Any = new_store(row.key)
    # Of an expired session Django's file engine deletes the file, and makes an empty one.
    store.create = store.delete = _nothing
    data = store.load()
    age = store.get_expiry_age(expiry=data.get("_session_expiry"))
    return Contents(data, now + timedelta(seconds=age))


def acts_as_another(data: Mapping[str, Any]) -> bool:
    """Whether somebody acts as the signed-in user, by what packages note of it.

    django-hijack keeps who was left, one behind the other; django-loginas whose session it
    was, under a name that is a setting.
    """
    flag = getattr(settings, "LOGINAS_FROM_USER_SESSION_FLAG", "loginas_from_user")
    return bool(data.get("hijack_history") or data.get(flag))


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Stands for what changes a store: an import only reads."""
