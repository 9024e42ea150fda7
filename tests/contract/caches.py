"""A cache that can be stopped, as a server can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache.backends.locmem import LocMemCache


class StoppableCache(LocMemCache):
    """LocMemCache that refuses every call while stopped."""

    stopped = False

    @classmethod
    @contextmanager
    def stop(cls) -> Iterator[None]:
        cls.stopped = True
        try:
            yield
        finally:
            cls.stopped = False


def _refusing(name: str):
    def call(self, *args, **kwargs):
        if StoppableCache.stopped:
            raise ConnectionError("the cache is down")
        return getattr(LocMemCache, name)(self, *args, **kwargs)

    return call


for _name in ("add", "get", "set", "touch", "incr", "has_key", "delete"):
    setattr(StoppableCache, _name, _refusing(_name))
