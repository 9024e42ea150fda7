"""The cache of verdicts: which backends are fit for it, and how they should be set up."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

# Django's own checks may ask the database.
pytestmark = pytest.mark.django_db(databases="__all__")

BACKENDS = "django.core.cache.backends"
REDIS = {
    "BACKEND": f"{BACKENDS}.redis.RedisCache",
    "LOCATION": "redis://127.0.0.1:6379",
    "OPTIONS": {"socket_timeout": 0.2},
}


def found(settings, **cache) -> set[str]:
    settings.CACHES = {"default": {"BACKEND": f"{BACKENDS}.dummy.DummyCache"}, "hub": cache}
    settings.SESSIONS_HUB_CACHE = "hub"
    messages = [one for one in run_checks() if one.id.startswith("sessions_hub.")]
    assert all(one.hint for one in messages)
    return {one.id.removeprefix("sessions_hub.") for one in messages}


@pytest.mark.parametrize(
    ("backend", "location"),
    [
        ("locmem.LocMemCache", "here"),
        ("dummy.DummyCache", ""),
        ("filebased.FileBasedCache", "/tmp/hub"),
        ("db.DatabaseCache", "table"),
    ],
)
def test_a_cache_that_cannot_tell_all_processes_is_refused_outside_debug(
    settings, backend, location
):
    assert found(settings, BACKEND=f"{BACKENDS}.{backend}", LOCATION=location) == {"E122"}
    settings.DEBUG = True
    assert found(settings, BACKEND=f"{BACKENDS}.{backend}", LOCATION=location) == set()


def test_a_backend_derived_from_an_unfit_one_is_unfit(settings):
    assert found(settings, BACKEND="tests.contract.caches.StoppableCache") == {"E122"}


def test_one_redis_server_with_a_timeout_is_fit(settings):
    assert found(settings, **REDIS) == set()
    by_url = {**REDIS, "OPTIONS": {}, "LOCATION": f"{REDIS['LOCATION']}?socket_timeout=1"}
    assert found(settings, **by_url) == set()


@pytest.mark.parametrize("separator", [",", ";", None])
def test_replicas_are_warned_of(settings, separator):
    servers = ["redis://127.0.0.1:1", "redis://127.0.0.1:2"]
    location = servers if separator is None else separator.join(servers)
    assert found(settings, **{**REDIS, "LOCATION": location}) == {"W120"}


def test_a_redis_that_may_hang_is_warned_of(settings):
    assert found(settings, **{**REDIS, "OPTIONS": {}}) == {"W121"}


def test_an_unfit_cache_that_is_not_used_is_nobodys_business(settings):
    settings.CACHES = {"default": {"BACKEND": f"{BACKENDS}.locmem.LocMemCache"}}
    assert [one for one in run_checks() if one.id.startswith("sessions_hub.")] == []
