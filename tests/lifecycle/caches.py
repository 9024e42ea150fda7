"""Caches for verdicts: in memory, in Redis, and broken in every way."""

from __future__ import annotations

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.utils import timezone

from sessions_hub import tombstones
from sessions_hub.lifecycle import verdict_cache
from sessions_hub.lifecycle.verdicts import VerdictRow
from sessions_hub.models import Session


class FaultyCache(LocMemCache):
    """LocMemCache in which calls named in `failing` go wrong as `failing` says."""

    failing: dict[str, Any] = {}


def _faulty(name: str):
    def call(self, *args, **kwargs):
        if name in FaultyCache.failing:
            fault = FaultyCache.failing[name]
            if isinstance(fault, Exception):
                raise fault
            return fault
        return getattr(LocMemCache, name)(self, *args, **kwargs)

    return call


for _name in ("add", "get", "set"):
    setattr(FaultyCache, _name, _faulty(_name))

IN_MEMORY = {"BACKEND": "tests.lifecycle.caches.FaultyCache", "LOCATION": "verdicts"}


def in_redis(url: str, prefix: str) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": prefix,
        "OPTIONS": {"socket_timeout": 2},
    }


def held(session_id) -> Any:
    """What the cache holds of a session, as it is."""
    return caches["verdicts"].get(tombstones.key_of(session_id))


def put(session_id, value: Any) -> None:
    """Put anything under the key of a session."""
    caches["verdicts"].set(tombstones.key_of(session_id), value)


def copy_of(session_id) -> VerdictRow | None:
    """The row that the cache lets requests in by; None where there is none."""
    value = held(session_id)
    if not isinstance(value, str):
        return None
    return verdict_cache.unpack(value, session_id, timezone.now())


def verdict_of(session: Session, alias: str) -> VerdictRow | None:
    """The row that a request of this session is judged by."""
    return verdict_cache.fetch(session.pk, str(session.user_id), None, alias, timezone.now())
