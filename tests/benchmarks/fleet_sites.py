"""The sites of the fleet run: with and without the cache of verdicts, under WSGI and ASGI."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from tests.benchmarks.variants import REDIS_URL, Variant

# How long a copy of a verdict is good for; short, so that a run sees it pass.
TTL_SECONDS = 3


def _settings(**more: Any) -> dict[str, Any]:
    return {
        "ROOT_URLCONF": "tests.benchmarks.fleet_views",
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": REDIS_URL,
                # One that hangs must not take the site along.
                "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
            }
        },
        # There is always something to write, and time enough for a copy to be served.
        "SESSIONS_HUB_TOUCH_INTERVAL": timedelta(seconds=30),
        **more,
    }


def connections(settings: dict[str, Any]) -> dict[str, Any]:
    """How a server keeps connections: one per worker, or, where threads come and go, a pool."""
    if os.environ.get("HUB_BENCH_SERVER") != "uvicorn":
        return settings
    pool = {"min_size": 1, "max_size": 8, "timeout": 10}
    return {**settings, "CONN_MAX_AGE": 0, "OPTIONS": {"pool": pool}}


_HUB: dict[str, Any] = {
    "module": "sessions_hub",
    "distribution": "django-sessions-hub",
    "apps": ("sessions_hub",),
    "after_authentication": ("sessions_hub.middleware.SessionsHubMiddleware",),
    "last": ("tests.benchmarks.load_worker.worker_named",),
    "judged": True,
}

FLEET = (
    Variant("hub", "cache off", settings=_settings(), **_HUB),
    Variant(
        "cache",
        "cache on",
        settings=_settings(
            SESSIONS_HUB_CACHE="default",
            SESSIONS_HUB_CACHE_TTL=timedelta(seconds=TTL_SECONDS),
        ),
        **_HUB,
    ),
)
