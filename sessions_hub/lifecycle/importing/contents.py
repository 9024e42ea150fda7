"""What is in a stored session: read with the site's own engine, never changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing

from .sources import Stored

# Where Django says of each session it cannot decode that its data is corrupted.
_LOGGER = logging.getLogger("django.security.SuspiciousSession")
_is_reading: ContextVar[bool] = ContextVar("sessions_hub_import_is_reading", default=False)


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


def contents(row: Stored, now: datetime) -> Contents:
    """What is in a session; nothing where the store has it no more. Raises Unreadable.

    Where the table has no data, the engine is asked, session by session.
    """
    store: Any = new_store(row.key)
    with _unlogged():
        if row.data is not None and row.expires_at is not None:
            return Contents(_decoded(store, store.decode, row.data), row.expires_at)
        # It says nothing for a broken one, as for one that is gone.
        store.decode = partial(_decoded, store, store.decode)
        # Of an expired session Django's file engine deletes the file, and makes an empty one.
        store.create = store.delete = _nothing
        data = store.load()
    age = store.get_expiry_age(expiry=data.get("_session_expiry"))
    return Contents(data, now + timedelta(seconds=age))


def _decoded(
    store: Any, decode: Callable[[str], Mapping[str, Any]], text: str
) -> Mapping[str, Any]:
    """Session data as the engine decodes it. Raises Unreadable."""
    try:
        data = decode(text)
        if not data:
            # It says nothing for a broken one as well: asked once more, by what does.
            data = signing.loads(text, salt=store.key_salt, serializer=store.serializer)
    # The serializer may be the site's own, and fail in any way.
    except Exception as error:
        raise Unreadable from error
    if not isinstance(data, Mapping):
        raise Unreadable
    return data


@contextmanager
def _unlogged() -> Iterator[None]:
    """Whoever imports counts what cannot be read: with another SECRET_KEY that is every row.

    What others read meanwhile is logged as always.
    """
    # Once, and it stays: taking it out could make another thread skip a filter beside it.
    _LOGGER.addFilter(_is_logged)
    reset = _is_reading.set(True)
    try:
        yield
    finally:
        _is_reading.reset(reset)


def _is_logged(record: logging.LogRecord) -> bool:
    return not _is_reading.get()


def acts_as_another(data: Mapping[str, Any]) -> bool:
    """Whether somebody acts as the signed-in user, by what packages note of it.

    django-hijack keeps who was left, one behind the other; django-loginas whose session it
    was, under a name that is a setting.
    """
    flag = getattr(settings, "LOGINAS_FROM_USER_SESSION_FLAG", "loginas_from_user")
    return bool(data.get("hijack_history") or data.get(flag))


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Stands for what changes a store: an import only reads."""
