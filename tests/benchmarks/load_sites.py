"""The sites of the load run: the same two workers without the hub, with it, and with its cache."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.variants import REDIS_URL, Variant

WORKER_HEADER = "X-Worker"
_DRF = "rest_framework.authentication"
_TABLES = ("rest_framework", "rest_framework.authtoken", "sessions_hub")


def _settings(by_token: str, **more: Any) -> dict[str, Any]:
    return {
        "ROOT_URLCONF": "tests.benchmarks.api_views",
        "REST_FRAMEWORK": {
            "DEFAULT_AUTHENTICATION_CLASSES": [by_token, f"{_DRF}.SessionAuthentication"],
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": REDIS_URL,
                # Of every run: no two have a session of the same id.
                "KEY_PREFIX": "hub_bench_load",
            }
        },
        **more,
    }


_SHARED: dict[str, Any] = {
    "module": "rest_framework",
    "distribution": "djangorestframework",
    "apps": _TABLES,
    "last": ("tests.benchmarks.load_worker.worker_named",),
}
_HUB: dict[str, Any] = {
    **_SHARED,
    "after_authentication": ("sessions_hub.middleware.SessionsHubMiddleware",),
    "judged": True,
}
_BY_SECRET = "sessions_hub.api.authentication.SessionTokenAuthentication"

LOAD = (
    Variant(
        "plain", "without the hub", settings=_settings(f"{_DRF}.TokenAuthentication"), **_SHARED
    ),
    Variant("hub", "sessions_hub", settings=_settings(_BY_SECRET), **_HUB),
    Variant(
        "cache",
        "… with the cache of verdicts",
        settings=_settings(_BY_SECRET, SESSIONS_HUB_CACHE="default"),
        **_HUB,
    ),
)
