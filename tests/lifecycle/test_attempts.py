"""Attempts in vain are counted per account, also without a cache."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache

from sessions_hub.lifecycle import attempts, counting

from .threads import at_once

MANY = 25


@pytest.fixture(autouse=True)
def nothing_counted(settings):
    settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 10
    cache.clear()
    counting._counted.clear()
    yield
    cache.clear()
    counting._counted.clear()


@pytest.fixture
def no_cache(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def tries(user_id: object, count: int = MANY) -> int:
    """How many of `count` attempts are let through."""
    return sum(attempts.may_try(user_id) for _ in range(count))


def test_no_more_than_the_setting_says_pass():
    assert tries(1) == 10
    assert tries(2) == 10


def test_a_success_forgets_the_failures():
    tries(1)
    attempts.succeeded(1)
    assert tries(1) == 10


def test_the_window_ends(time_machine):
    time_machine.move_to("2030-05-01", tick=False)
    assert tries(1) == 10
    time_machine.shift(attempts.WINDOW + timedelta(seconds=1))
    assert tries(1) == 10


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_parallel_attempts_do_not_pass_together():
    assert sum(at_once(*[lambda: attempts.may_try(1)] * 16)) == 10


def test_a_cache_that_keeps_nothing_lets_few_through(no_cache):
    assert tries(1) == attempts.WITHOUT_A_CACHE
    assert tries(2) == attempts.WITHOUT_A_CACHE
    attempts.succeeded(1)
    assert tries(1) == attempts.WITHOUT_A_CACHE


def test_fewer_still_where_the_setting_says_so(no_cache, settings):
    settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 1
    assert tries(1) == 1


def test_without_a_cache_the_window_ends_too(no_cache, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(counting, "monotonic", lambda: now[0])
    assert tries(1) == attempts.WITHOUT_A_CACHE
    now[0] += attempts.WINDOW.total_seconds()
    assert tries(1) == attempts.WITHOUT_A_CACHE


def test_without_a_cache_the_count_of_accounts_is_bounded(no_cache, monkeypatch):
    monkeypatch.setattr(counting, "_MOST_KEYS", 5)
    for user_id in range(50):
        attempts.may_try(user_id)
    assert len(counting._counted) <= 5
    # The latest is still counted.
    assert tries(49) == attempts.WITHOUT_A_CACHE - 1


def test_a_user_id_is_in_no_key(monkeypatch):
    keys = []
    monkeypatch.setattr(
        type(cache._connections["default"]), "add", lambda self, key, *a, **k: keys.append(key)
    )
    attempts.may_try("ada@example.com")
    assert keys
    assert all("ada" not in key for key in keys)
