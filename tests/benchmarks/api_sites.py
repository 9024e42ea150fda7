"""One site with Django REST framework, and each way to tell it who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.benchmarks.variants import BASELINE, Variant

# 32 bytes that everybody may know.
_JWK = {"kty": "oct", "k": "YmVuY2htYXJrcy1vbmx5LWJlbmNobWFya3Mtb25seS0"}
ISSUER, AUDIENCE = "https://bench.example", "https://orders.example"

# The hub's tables, without its middleware: the plain list shows the same rows.
_TABLES = ("rest_framework", "rest_framework.authtoken", "sessions_hub")


def _settings(authentication: str, **more: Any) -> dict[str, Any]:
    return {
        "ROOT_URLCONF": "tests.benchmarks.api_views",
        "REST_FRAMEWORK": {
            "DEFAULT_AUTHENTICATION_CLASSES": [authentication],
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
        **more,
    }


_PLAIN: dict[str, Any] = {
    "module": "rest_framework",
    "distribution": "djangorestframework",
    "apps": _TABLES,
}
_SESSION = _settings("rest_framework.authentication.SessionAuthentication")
_SIMPLEJWT: dict[str, Any] = {
    "module": "rest_framework_simplejwt",
    "distribution": "djangorestframework-simplejwt",
    "apps": _TABLES,
}
_HUB: dict[str, Any] = {
    "module": "sessions_hub",
    "distribution": "django-sessions-hub",
    "after_authentication": ("sessions_hub.middleware.SessionsHubMiddleware",),
    "judged": True,
}
_TOKENIZE = {
    # The algorithm that simplejwt has by default.
    "SESSIONS_HUB_JWT_KEYS": [{"key": _JWK, "state": "signing", "alg": "HS256"}],
    "SESSIONS_HUB_JWT_ISSUER": ISSUER,
    "SESSIONS_HUB_TOKENIZE_TEMPLATES": {
        "orders": {"audience": AUDIENCE, "ttl": timedelta(minutes=5)}
    },
    # A block of calls is more than a user may make in a minute.
    "SESSIONS_HUB_THROTTLES": {},
}
_BY_TOKEN = "sessions_hub.api.authentication.SessionTokenAuthentication"
_BY_COOKIE = "rest_framework.authentication.SessionAuthentication"
_BACKEND = {"AUTHENTICATION_BACKENDS": ["sessions_hub.auth.ModelBackend"]}

API = (
    Variant(BASELINE, "DRF session", settings=_SESSION, **_PLAIN),
    # The same once more, in another process: how far apart two equal sites come out.
    Variant("control", "DRF session, again", settings=_SESSION, **_PLAIN),
    Variant(
        "token",
        "DRF token",
        settings=_settings("rest_framework.authentication.TokenAuthentication"),
        **_PLAIN,
    ),
    Variant(
        "knox",
        "knox token",
        module="knox",
        distribution="django-rest-knox",
        apps=(*_TABLES, "knox"),
        settings=_settings("knox.auth.TokenAuthentication"),
    ),
    Variant(
        "jwt",
        "simplejwt",
        settings=_settings("rest_framework_simplejwt.authentication.JWTAuthentication"),
        **_SIMPLEJWT,
    ),
    Variant(
        "stateless",
        "simplejwt, stateless",
        settings=_settings(
            "rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"
        ),
        **_SIMPLEJWT,
    ),
    Variant(
        "hub",
        "sessions_hub token",
        apps=_TABLES,
        settings=_settings(_BY_TOKEN, **_TOKENIZE),
        **_HUB,
    ),
    Variant(
        "cookie",
        "sessions_hub cookie",
        apps=_TABLES,
        settings=_settings(_BY_COOKIE, **_TOKENIZE),
        **_HUB,
    ),
    Variant(
        "engine",
        "… its backend and engine",
        apps=(*_TABLES, "sessions_hub.engine"),
        settings=_settings(
            _BY_COOKIE, **_TOKENIZE, **_BACKEND, SESSION_ENGINE="sessions_hub.engine.store"
        ),
        **_HUB,
    ),
)
