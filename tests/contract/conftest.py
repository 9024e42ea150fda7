"""The engines and modes the contract is held to."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.file import SessionStore as FileStore
from django.core.cache import caches
from django.utils import timezone

from .browser import Browser

ENGINES = {
    "db": {},
    "cached_db": {},
    "cache": {},
    "cache-redis": {},
    "file": {},
    "signed_cookies": {},
    "hub": {},
}
LOCMEM = {"default": {"BACKEND": "tests.contract.caches.StoppableCache", "LOCATION": "contract"}}


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest, settings, tmp_path, monkeypatch) -> str:
    """A SESSION_ENGINE, set up with what it needs."""
    name = request.param.partition("-")[0]
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{name}"
    if name == "hub":
        settings.SESSION_ENGINE = "sessions_hub.engine.store"
        settings.AUTHENTICATION_BACKENDS = [
            "sessions_hub.auth.ModelBackend",
            "django.contrib.auth.backends.ModelBackend",
        ]
        monkeypatch.setattr("tests.views.BACKEND", settings.AUTHENTICATION_BACKENDS[0])
    settings.SESSION_FILE_PATH = str(tmp_path)
    # Django remembers the folder on the class, from the first test that asked.
    monkeypatch.setattr(FileStore, "_storage_path", str(tmp_path), raising=False)
    settings.CACHES = LOCMEM
    if request.param == "cache-redis":
        url = request.getfixturevalue("redis_url")
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": url,
                # Of this process: others may use the same server.
                "KEY_PREFIX": f"sessions_hub_contract_{os.getpid()}",
            }
        }
    if name == "signed_cookies":
        settings.SESSIONS_HUB_ADOPT_UNTIL = timezone.now() + timedelta(days=1)
    yield request.param
    if request.param == "cache-redis":
        forget(settings.CACHES["default"])
    else:
        caches["default"].clear()


def forget(cache: dict[str, str]) -> None:
    # Not clear(), which empties the whole database.
    import redis

    with redis.Redis.from_url(cache["LOCATION"]) as client:
        for key in client.scan_iter(f"{cache['KEY_PREFIX']}:*"):
            client.delete(key)


@pytest.fixture
def browser(mode: str) -> Browser:
    return Browser(mode)


@pytest.fixture
def new_browser(mode: str) -> Callable[..., Browser]:
    return lambda **headers: Browser(mode, **headers)


@pytest.fixture
def make_user() -> Callable[..., object]:
    def make(name: str = "ada", **values: object) -> object:
        return get_user_model()._default_manager.create_user(
            username=name, password="right-password", **values
        )

    return make
