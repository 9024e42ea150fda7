"""Checks of the cache that stands in for the query of each request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.core.checks import CheckMessage, Error, Warning

from sessions_hub import tombstones
from sessions_hub.conf import conf

from .values import Apps

# Backend → why it cannot tell all processes of an end.
_UNFIT = {
    LocMemCache: "it is each process's own, and the others would not hear of an end",
    DummyCache: "it keeps nothing",
    FileBasedCache: "it is each machine's own, and its add() may replace what is there",
    DatabaseCache: "it asks a database as well, and its add() may replace what is there",
}


def check_cache(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """The cache is shared by all processes, adds without replacing, and cannot hang."""
    return list(_messages())


def _messages() -> Iterator[CheckMessage]:
    alias = conf.SESSIONS_HUB_CACHE
    if alias not in settings.CACHES:
        # None, or named by the check of values.
        return
    # One that cannot be made is named by Django's own check of caches.
    cache = tombstones.cache()
    why = next((why for kind, why in _UNFIT.items() if isinstance(cache, kind)), None)
    if why is not None and not settings.DEBUG:
        yield Error(
            f"The cache '{alias}' cannot hold verdicts: {why}.",
            hint="Name a Redis or Memcached cache in SESSIONS_HUB_CACHE, or None.",
            id="sessions_hub.E122",
        )
    elif isinstance(cache, RedisCache):
        yield from _redis_messages(alias)


def _redis_messages(alias: str) -> Iterator[CheckMessage]:
    given = settings.CACHES[alias]
    location: Any = given.get("LOCATION", "")
    servers = re.split("[;,]", location) if isinstance(location, str) else location
    if len(servers) > 1:
        yield Warning(
            f"The cache '{alias}' reads from replicas, which hear of an end later: an ended "
            "session may be let in for up to SESSIONS_HUB_CACHE_TTL.",
            hint="Give SESSIONS_HUB_CACHE a cache of its own with the primary server alone.",
            id="sessions_hub.W120",
        )
    if "socket_timeout" not in given.get("OPTIONS", {}) and "socket_timeout=" not in str(location):
        yield Warning(
            f"The cache '{alias}' waits without end for a server that does not answer, and "
            "each request would wait with it.",
            hint='Add "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2} to it.',
            id="sessions_hub.W121",
        )
