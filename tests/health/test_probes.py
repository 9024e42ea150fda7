"""What each probe finds, and what it says where something is wrong."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connections

from sessions_hub.health import Status, check
from sessions_hub.health.probes import PROBES
from sessions_hub.lifecycle.guard import database
from tests.credentials.conftest import entry
from tests.credentials.keys import FIRST, SECOND
from tests.understanding.geoip_files import BERLIN, write

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

LOCMEM = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "health"}
DUMMY = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
BROKEN = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": "redis://127.0.0.1:1",
}


def one(name):
    (result,) = check([name], timeout=10)
    return result


def test_all_is_well_on_a_plain_site(db):
    found = {result.name: result.status for result in check(timeout=10)}
    assert list(found) == list(PROBES)
    assert found["database"] is found["hash_keys"] is Status.OK
    assert set(found.values()) <= {Status.OK, Status.OFF}
    assert all(result.advice == "" for result in check(timeout=10))


def test_what_is_not_configured_is_off(settings):
    settings.SESSIONS_HUB_CACHE = None
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = settings.SESSIONS_HUB_JWT_KEYS = []
    settings.SESSIONS_HUB_GEOIP_PATH = None
    for name in ("cache", "encryption_keys", "signing_keys", "geoip"):
        assert one(name).status is Status.OFF


def test_a_database_that_does_not_tell_is_a_failure(monkeypatch):
    def fail(*args):
        raise connections[database()].Database.OperationalError("server closed\nsecond line")

    monkeypatch.setattr("sessions_hub.health.probes.fetch_verdict", fail)
    result = one("database")
    assert (result.status, result.message) == (Status.FAILING, "OperationalError: server closed")
    assert "router" in result.advice


@pytest.mark.parametrize(
    ("cache", "status", "words"),
    [
        (LOCMEM, Status.OK, "kept and read"),
        (DUMMY, Status.DEGRADED, "does not hold"),
        (BROKEN, Status.DEGRADED, "ConnectionError"),
    ],
    ids=["good", "forgets", "down"],
)
def test_the_cache(settings, cache, status, words):
    if cache is BROKEN:
        pytest.importorskip("redis")
    settings.CACHES = {**settings.CACHES, "verdicts": cache}
    settings.SESSIONS_HUB_CACHE = "verdicts"
    result = one("cache")
    assert result.status is status
    assert words in result.message
    assert ("SESSIONS_HUB_CACHE_TTL" in result.advice) is (status is not Status.OK)


def test_the_cache_keeps_nothing_of_a_look(settings):
    settings.CACHES = {**settings.CACHES, "verdicts": LOCMEM}
    settings.SESSIONS_HUB_CACHE = "verdicts"
    caches["verdicts"].clear()
    assert one("cache").status is Status.OK
    assert not caches["verdicts"]._cache


@pytest.mark.parametrize(
    ("name", "value", "status", "words"),
    [
        ("SESSIONS_HUB_HASH_KEYS", ["k" * 40, "l" * 40], Status.OK, "2 keys."),
        ("SESSIONS_HUB_HASH_KEYS", ["k" * 40, ""], Status.FAILING, "empty"),
        ("SESSIONS_HUB_HASH_KEYS", [7], Status.OK, "1 key."),
        ("SESSIONS_HUB_HASH_KEYS", 7, Status.FAILING, "TypeError"),
        ("SESSIONS_HUB_ENCRYPTION_KEYS", [FIRST, SECOND], Status.OK, "2 keys."),
        ("SESSIONS_HUB_ENCRYPTION_KEYS", ["short"], Status.DEGRADED, "too short"),
        ("SESSIONS_HUB_JWT_KEYS", "good", Status.OK, "1 of 1"),
        ("SESSIONS_HUB_JWT_KEYS", "retired", Status.DEGRADED, "No key signs"),
        (
            "SESSIONS_HUB_JWT_KEYS",
            [{"key": "/no/such/file"}],
            Status.DEGRADED,
            "has no state",
        ),
    ],
)
def test_keys(settings, name, value, status, words):
    made = {"good": [entry()], "retired": [{**entry(), "state": "retired"}]}
    setattr(settings, name, made.get(value, value) if isinstance(value, str) else value)
    probe = {"HASH": "hash_keys", "ENCR": "encryption_keys", "JWT_": "signing_keys"}[name[13:17]]
    result = one(probe)
    assert result.status is status
    assert words in result.message
    assert bool(result.advice) is (status is not Status.OK)
    assert FIRST not in str(result)


@pytest.mark.parametrize(("days", "status"), [(34, Status.OK), (36, Status.DEGRADED)])
def test_the_age_of_a_geoip_file(settings, tmp_path, monkeypatch, days, status):
    path = write(tmp_path / "GeoLite2-City.mmdb", BERLIN)
    settings.SESSIONS_HUB_GEOIP_PATH = str(path)
    found = one("geoip")
    assert (found.status, "0 days ago" in found.message) == (Status.OK, True)
    later = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr("sessions_hub.health.probes.timezone.now", lambda: later)
    result = one("geoip")
    assert result.status is status
    assert f"{days} days ago" in result.message


def test_a_geoip_file_that_is_gone(settings, tmp_path):
    settings.SESSIONS_HUB_GEOIP_PATH = os.fspath(tmp_path / "gone.mmdb")
    result = one("geoip")
    assert result.status is Status.DEGRADED
    assert "docs/geoip.md" in result.advice
