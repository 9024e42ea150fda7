"""Fixtures and skip rules of the whole suite.

A server that is not there is a skip with its reason when a person runs the
tests. With HUB_TEST_SERVICES=required, as in the gate, it is a failure: there a
skip would hide that nothing was tested.

The database is chosen by HUB_TEST_DATABASE (see tests/settings.py), so a test
for another database than the chosen one is always a skip.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextvars import copy_context
from functools import cache

import pytest
from _pytest.runner import runtestprotocol
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.flush import QuickFlush, quick_flush

# A machine that is busy says nothing of the code: no example fails for the time it took.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")

SERVICES_REQUIRED = os.environ.get("HUB_TEST_SERVICES") == "required"
DEFAULT_REDIS_URL = "redis://127.0.0.1:6379"

# Marker → the last word of the ENGINEs it runs on.
DATABASE_MARKERS = {
    "postgres": {"postgresql"},
    "mariadb": {"mysql"},
    "locks": {"postgresql", "mysql"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    for item in items:
        for name, engines in DATABASE_MARKERS.items():
            if item.get_closest_marker(name) and engine not in engines:
                item.add_marker(
                    pytest.mark.skip(reason=f"needs {' or '.join(sorted(engines))}, not {engine}")
                )


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("redis"):
        need(_redis_problem())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run each test in context variables of its own.

    Caches and locals that a test makes leave a variable each in the context for good, and
    asgiref carries all of them over at every step between sync and async: after ten
    thousand tests that took most of the time.
    """
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    copy_context().run(runtestprotocol, item, nextitem=nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session", autouse=True)
def quick() -> Iterator[QuickFlush]:
    """The database is emptied quickly after each test that has transactions of its own."""
    with quick_flush() as quick:
        yield quick


@pytest.fixture(autouse=True)
def nothing_left_over() -> None:
    """What earlier tests left in this process is forgotten, in whatever order they ran.

    Lines that are said once a minute may be said again, no attempt of a user of the same key
    counts, the cache is empty, and one that failed is asked again.
    """
    from django.core.cache import cache

    from sessions_hub import logs
    from sessions_hub.lifecycle import counting, verdict_cache

    logs._last.clear()
    counting._counted.clear()
    verdict_cache._rests_until = 0.0
    cache.clear()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """URL of a Redis server that answers; skips or fails the test without one."""
    need(_redis_problem())
    return _redis_url()


@pytest.fixture(scope="session")
def race_rounds() -> int:
    """How often a test repeats a race. A race lost once in fifty shows in fifty rounds."""
    return int(os.environ.get("HUB_TEST_RACE_ROUNDS", "5"))


def need(problem: str | None) -> None:
    """Skip the test for this reason, if there is one; fail it where servers are required."""
    if problem is None:
        return
    if SERVICES_REQUIRED:
        pytest.fail(f"{problem} (HUB_TEST_SERVICES=required)", pytrace=False)
    pytest.skip(problem)


def _redis_url() -> str:
    return os.environ.get("HUB_TEST_REDIS_URL") or DEFAULT_REDIS_URL


@cache
def _redis_problem() -> str | None:
    """Why Redis cannot be used, or None. Asked once per run."""
    try:
        import redis
    except ImportError:
        return "the redis package is not installed"
    try:
        with redis.Redis.from_url(_redis_url(), socket_connect_timeout=2) as client:
            client.ping()
    except (OSError, redis.RedisError) as error:
        return f"no Redis at {_redis_url()}: {error}"
    return None
