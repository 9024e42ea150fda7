"""The session store. `SESSION_ENGINE = "sessions_hub.engine.store"`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connections, router
from django.utils import timezone

from sessions_hub import telemetry
from sessions_hub.conf import conf
from sessions_hub.lifecycle import link
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.joined import Joined, why_not_joined
from sessions_hub.lifecycle.lend import any_takes_users
from sessions_hub.lifecycle.verdicts import VerdictRow

from . import takeover

__all__ = ["SessionStore"]

# By alias, vendor and the user model that is joined, if one is.
_joined: dict[tuple[str, str, Any], Joined | None] = {}


class SessionStore(DatabaseStore):
    """Django's database store, which reads the verdict and the user along with its data.

    What was read along is left for the middleware, once. Where sessions and sign-ins are
    read from different databases it is Django's store and nothing else.
    """

    # The verdict of the row this was loaded from, its user, and the database.
    _read_along: tuple[VerdictRow, Any, str] | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        from .models import DjangoSession

        return DjangoSession

    def take_verdict(self, session_id: UUID, alias: str) -> tuple[VerdictRow, Any] | None:
        """The verdict and user that were read along with the data; None where there are none.

        Once per loading: whoever asks again wants to know what is true by then.
        """
        read, self._read_along = self._read_along, None
        if read is None or read[0].id != session_id or read[2] != alias:
            return None
        return read[0], read[1]

    def load(self) -> Any:
        self._read_along = None
        found, data = self._load()
        if not found and self.session_key is not None and conf.SESSIONS_HUB_ENGINE_TAKES_OVER:
            key = self.session_key
            takeover.move(self.model, key, timezone.now())
            # Whoever moved it: a parallel request may have been faster.
            found, data = self._load()
        if not found:
            self._session_key = None
        return data

    async def aload(self) -> Any:
        """See load()."""
        return await sync_to_async(self.load)()

    def _load(self) -> tuple[bool, dict[str, Any]]:
        """Whether there is such a session, and its data."""
        alias, now = database(), timezone.now()
        joined = None
        if router.db_for_read(self.model) == alias:
            joined = self._compiled(alias)
        if joined is None:
            rows = self.model._default_manager.filter(
                session_key=self.session_key, expire_date__gt=now
            )
            stored = rows.values_list("session_data", flat=True).first()
            return stored is not None, {} if stored is None else self.decode(stored)
        began = telemetry.clock()
        row = joined.fetch(_params(self.model, self.session_key, now, alias), alias)
        telemetry.verdict(began, "store")
        if row is None:
            return False, {}
        if row[joined.present_at] is not None:
            verdict = VerdictRow(*row[joined.lead : joined.user_at])
            self._read_along = verdict, joined.user(row, alias), alias
        return True, self.decode(row[0])

    def _compiled(self, alias: str) -> Joined | None:
        """The SELECT with the joins that are possible; None where its parameters do not fit."""
        with_user = any_takes_users() and not why_not_joined(alias)
        key = alias, connections[alias].vendor, get_user_model() if with_user else None
        if key not in _joined:
            some_key, some_time = "k" * 32, datetime(2000, 1, 1, tzinfo=UTC)
            rows = self.model._base_manager.using(alias).filter(session_key=some_key)
            rows = rows.filter(expire_date__gt=some_time)
            joined = Joined(
                rows, alias, lead=("session_data",), prefix="hub_session__", with_user=with_user
            )
            fits = joined.params == _params(self.model, some_key, some_time, alias)
            _joined[key] = joined if fits else None
        return _joined[key]

    def create_model_instance(self, data: Any) -> Any:
        return _tied(super().create_model_instance(data), data)

    async def acreate_model_instance(self, data: Any) -> Any:
        """See create_model_instance()."""
        return _tied(await super().acreate_model_instance(data), data)

    def delete(self, session_key: str | None = None) -> None:
        session_key = session_key or self.session_key
        super().delete(session_key)
        if session_key and conf.SESSIONS_HUB_ENGINE_TAKES_OVER:
            takeover.forget(session_key)

    async def adelete(self, session_key: str | None = None) -> None:
        """See delete()."""
        session_key = session_key or self.session_key
        await super().adelete(session_key)
        if session_key and conf.SESSIONS_HUB_ENGINE_TAKES_OVER:
            await sync_to_async(takeover.forget)(session_key)


def _params(model: Any, key: str | None, now: datetime, alias: str) -> tuple[Any, ...]:
    connection = connections[alias]
    fields = model._meta.pk, model._meta.get_field("expire_date")
    return tuple(
        field.get_db_prep_value(value, connection)
        for field, value in zip(fields, (key, now), strict=True)
    )


def _tied(row: Any, data: Any) -> Any:
    """The row of session data, with what its marker says in a column."""
    row.hub_session_id = link.session_id_in(data)
    return row
