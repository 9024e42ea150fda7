"""What is compared: one Django site, each time with another way to follow sessions."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BASELINE = "django"
REDIS_URL = os.environ.get("HUB_TEST_REDIS_URL") or "redis://127.0.0.1:6379"
POSTGRESQL_DSN = os.environ.get("HUB_TEST_PG_DSN", "postgresql://root@127.0.0.1:5432")

SESSIONS = "django.contrib.sessions"
# As `startproject` writes it, without the admin and static files.
APPS = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    SESSIONS,
    "django.contrib.messages",
)
SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    SESSION,
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    AUTHENTICATION,
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)


def redis_answers() -> bool:
    """Whether there is a Redis to measure with."""
    if find_spec("redis") is None:
        return False
    import redis

    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except (OSError, redis.RedisError):
        return False


def imports(module: str) -> bool:
    """Whether a package is there, and does not fail on import in this environment."""
    with warnings.catch_warnings(action="ignore"):
        try:
            return import_module(module) is not None
        except ImportError:
            return False


@dataclass(frozen=True)
class Variant:
    """One way to build the site."""

    key: str
    label: str
    # The module without which it cannot be measured, and the distribution it is in.
    module: str = "django"
    distribution: str = "Django"
    apps: tuple[str, ...] = ()
    # Right after AuthenticationMiddleware, and at the very end.
    after_authentication: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    # What takes the place of one of Django's apps or middlewares, by its path.
    replaces: Mapping[str, str] = field(default_factory=dict)
    # The engine's own model, and models with a row per sign-in beside it.
    session_model: str = "sessions.Session"
    models: tuple[str, ...] = ()
    # Whether the targets hold for it.
    judged: bool = False

    # What else has to be there.
    needs: Callable[[], bool] = lambda: True

    @property
    def is_installed(self) -> bool:
        return find_spec(self.module) is not None and self.needs()

    @property
    def version(self) -> str:
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return "working copy"


_REDIS = {
    "CACHES": {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": f"hub_bench_{os.getpid()}",
            "OPTIONS": {"socket_timeout": 1},
        }
    }
}

_ALLAUTH: dict[str, Any] = {
    "module": "allauth",
    "distribution": "django-allauth",
    "apps": ("allauth", "allauth.account", "allauth.usersessions"),
    "models": ("usersessions.UserSession",),
}
_ACCOUNT = "allauth.account.middleware.AccountMiddleware"

_HUB: dict[str, Any] = {
    "module": "sessions_hub",
    "distribution": "django-sessions-hub",
    "after_authentication": ("sessions_hub.middleware.SessionsHubMiddleware",),
    "judged": True,
}
_HUB_MODELS = ("sessions_hub.Session", "sessions_hub.Device")
_HUB_BACKEND = {"AUTHENTICATION_BACKENDS": ["sessions_hub.auth.ModelBackend"]}

VARIANTS = (
    Variant(BASELINE, "Django"),
    # The same once more, in another process: how far apart two equal sites come out.
    Variant("control", "Django, again"),
    Variant(
        "cached_db",
        "Django, cached_db in Redis",
        needs=redis_answers,
        settings={**_REDIS, "SESSION_ENGINE": "django.contrib.sessions.backends.cached_db"},
    ),
    Variant("hub", "sessions_hub", apps=("sessions_hub",), models=_HUB_MODELS, **_HUB),
    Variant(
        "meters",
        "… with meters",
        # Last, as a site sets them: before the first request.
        apps=("sessions_hub", "tests.benchmarks.metered.Metered"),
        models=_HUB_MODELS,
        needs=lambda: find_spec("opentelemetry") and find_spec("opentelemetry.sdk") is not None,
        # What it adds is the SDK's; the targets are those of the line above.
        **{**_HUB, "judged": False},
    ),
    Variant(
        "cache",
        "… with the cache",
        apps=("sessions_hub",),
        models=_HUB_MODELS,
        needs=redis_answers,
        settings={
            **_REDIS,
            "SESSIONS_HUB_CACHE": "default",
        },
        **_HUB,
    ),
    Variant(
        "backend",
        "… its ModelBackend",
        apps=("sessions_hub",),
        models=_HUB_MODELS,
        settings=_HUB_BACKEND,
        **_HUB,
    ),
    Variant(
        "engine",
        "… its engine too",
        apps=("sessions_hub", "sessions_hub.engine"),
        models=(*_HUB_MODELS, "sessions_hub_engine.DjangoSession"),
        settings={**_HUB_BACKEND, "SESSION_ENGINE": "sessions_hub.engine.store"},
        **_HUB,
    ),
    Variant("usersessions", "allauth.usersessions", last=(_ACCOUNT,), **_ALLAUTH),
    Variant(
        "tracking",
        "… TRACK_ACTIVITY",
        last=(_ACCOUNT, "allauth.usersessions.middleware.UserSessionsMiddleware"),
        settings={"USERSESSIONS_TRACK_ACTIVITY": True},
        **_ALLAUTH,
    ),
    # Its places are looked up where a list shows them: no GeoIP here.
    Variant(
        "qsessions",
        "django-qsessions, db",
        module="qsessions",
        distribution="django-qsessions",
        replaces={SESSIONS: "qsessions", SESSION: "qsessions.middleware.SessionMiddleware"},
        session_model="qsessions.Session",
        settings={"SESSION_ENGINE": "qsessions.backends.db"},
    ),
    Variant(
        "user_sessions",
        "django-user-sessions",
        module="user_sessions",
        distribution="django-user-sessions",
        # Its last release wants a pkg_resources, which setuptools no longer brings.
        needs=lambda: imports("user_sessions"),
        replaces={
            SESSIONS: "user_sessions",
            SESSION: "user_sessions.middleware.SessionMiddleware",
        },
        session_model="user_sessions.Session",
        settings={"SESSION_ENGINE": "user_sessions.backends.db"},
    ),
)


def database(kind: str, name: str, folder: str) -> dict[str, Any]:
    """An entry of DATABASES; the database itself is made as Django makes test databases."""
    if kind == "postgresql":
        dsn = urlsplit(POSTGRESQL_DSN)
        host = dsn.hostname or ""
        if dsn.query.startswith("host="):
            # The folder of a socket.
            host = dsn.query.removeprefix("host=")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": dsn.username or "",
            "PASSWORD": dsn.password or "",
            "HOST": host,
            "PORT": str(dsn.port or ""),
            # A connection per process, as behind a real server; the default
            # would open one per request and hide everything else.
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": name},
        }
    file = str(Path(folder) / f"{name}.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        "TEST": {"NAME": file},
    }


def settings_of(one: Variant, databases: dict[str, Any]) -> dict[str, Any]:
    """The settings of the site built that way."""
    middleware = [one.replaces.get(path, path) for path in MIDDLEWARE]
    after = middleware.index(AUTHENTICATION) + 1
    middleware[after:after] = one.after_authentication
    apps = [one.replaces.get(path, path) for path in APPS]
    return {
        "DATABASES": databases,
        "SECRET_KEY": "benchmarks-only-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
        "ALLOWED_HOSTS": ["testserver"],
        "USE_TZ": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "ROOT_URLCONF": "tests.benchmarks.views",
        # Hashing is not what is measured.
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "INSTALLED_APPS": [*apps, *one.apps],
        "MIDDLEWARE": [*middleware, *one.last],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        **one.settings,
    }
